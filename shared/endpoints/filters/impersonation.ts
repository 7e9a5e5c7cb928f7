import type { Authorizer } from '../../authz/authorizer.ts';
import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { RefusedRequest } from '../../authz/forbidden.ts';
import { wantedUser, withoutImpersonationHeaders } from '../../authz/impersonation/headers.ts';
import { impersonate, type ModeMemory } from '../../authz/impersonation/impersonate.ts';
import { StatusError } from '../../meta/status-error.ts';
import { changedRequest } from '../../request/api-request.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import type { Filter } from '../routing/handler.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Number of users whose impersonation mode is cached. */
const REMEMBERED = 10_000;

/** Reports a refusal in the same form as authorization. */
function refused(error: unknown): unknown {
  return error instanceof StatusError ? new RefusedRequest(error) : error;
}

/**
 * Lets permitted users act as another user (`kubectl --as`). `constrained` also permits constrained impersonation: of
 * certain users, for certain requests.
 */
export function withImpersonation(authorizer: Authorizer, constrained: boolean): Filter {
  const memory: ModeMemory = new BoundedCache({ max: REMEMBERED });
  const impersonated = async ({ request, user, requestInfo }: ServingContext) => {
    const wanted = wantedUser(request.headers, constrained);
    if (wanted === undefined) return undefined;
    const attributes = authorizerAttributes(user, requestInfo);
    return impersonate(authorizer, { attributes, wanted, constrained, memory });
  };
  return async (context, next) => {
    const who = await impersonated(context).catch((error: unknown) => {
      throw refused(error);
    });
    if (who === undefined) return next(context);
    const { user, constraint } = who;
    context.impersonator = context.user;
    context.user = user;
    context.impersonationConstraint = constraint;
    const headers = withoutImpersonationHeaders(context.request.headers);
    context.request = changedRequest(context.request, { headers });
    return next(context);
  };
}
