import type { AuthorizationResult, Authorizer } from '../../authz/authorizer.ts';
import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { forbiddenStatusError, RefusedRequest, undecided } from '../../authz/forbidden.ts';
import type { AccessMetrics } from '../metrics/access-metrics.ts';
import type { Filter } from '../routing/handler.ts';
import type { Prefetch } from '../routing/read-ahead.ts';

const DECISION = 'authorization.k8s.io/decision';
const REASON = 'authorization.k8s.io/reason';

const lost = (error: Error): AuthorizationResult => ({ decision: 'NoOpinion', reason: '', error });

/**
 * Authorizes the request and records the decision in the audit log. Calls `prefetch` so that the data for the answer is
 * read concurrently with the data for the decision.
 */
export function withAuthorization(
  authorizer: Authorizer,
  metrics: AccessMetrics,
  prefetch: Prefetch,
): Filter {
  return async (context, next) => {
    if (context.loopback) return next(context);
    const attributes = authorizerAttributes(context.user, context.requestInfo);
    const begin = performance.now();
    const { decision, reason, error } = await authorizer
      .authorize(attributes, () => prefetch(context))
      .catch(lost);
    const outcome = decision !== 'Allow' && error !== undefined ? 'error' : decision;
    metrics.authorized(outcome, (performance.now() - begin) / 1000);
    if (decision === 'Allow') {
      context.ahead?.allow();
      context.audit.addAnnotation(DECISION, 'allow');
      context.audit.addAnnotation(REASON, reason);
      return next(context);
    }
    if (error !== undefined) {
      context.audit.addAnnotation(REASON, 'internal error');
      throw undecided(error);
    }
    context.audit.addAnnotation(DECISION, 'forbid');
    context.audit.addAnnotation(REASON, reason);
    throw new RefusedRequest(forbiddenStatusError(attributes, reason));
  };
}
