/** https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/rbac.go */

import { isUnavailable } from '../../meta/status-error.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { newUnavailable } from '../../rest/storage-errors.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { isStorageError } from '../../storage/errors.ts';
import type {
  AuthorizationResult,
  Authorizer,
  AuthorizerAttributes,
  NonResourceRule,
  ResourceRule,
  RuleResolver,
} from '../authorizer.ts';
import type { RBACRuleResolver } from './rule-resolver.ts';

const RETRY_AFTER_SECONDS = 1;

const messageOf = (errors: readonly Error[]): string =>
  aggregateMessages(errors.map(({ message }) => message));

/** Upstream's informers always know something; what can't be read here may well allow, and is no reason for a 403. */
function unavailable(error: unknown): Error | undefined {
  if (isUnavailable(error)) return error;
  return isStorageError(error, 'Throttled', 'Timeout', 'Unreachable', 'NewerFormat')
    ? newUnavailable(error, 'what grants access can not be read', RETRY_AFTER_SECONDS)
    : undefined;
}

/** Allows what a rule of a bound role allows, and has no opinion of the rest. */
export class RBACAuthorizer implements Authorizer, RuleResolver {
  readonly #resolver: RBACRuleResolver;

  constructor(resolver: RBACRuleResolver) {
    this.#resolver = resolver;
  }

  async authorize(attributes: AuthorizerAttributes, foresee?: () => void): Promise<AuthorizationResult> {
    const { user, namespace } = attributes;
    let failed = false;
    let lost: Error | undefined;
    try {
      for (const scope of await this.#resolver.scopes(user, namespace)) {
        try {
          const policy = await scope(foresee);
          const grant = policy.grantFor(attributes);
          if (grant !== undefined) return { decision: 'Allow', reason: `RBAC: allowed by ${grant}` };
          failed ||= policy.rulesFor(user).errors.length > 0;
        } catch (error) {
          failed = true;
          lost ??= unavailable(error);
        }
      }
    } catch (error) {
      failed = true;
      lost ??= unavailable(error);
    }
    if (lost !== undefined) return { decision: 'NoOpinion', reason: '', error: lost };
    if (!failed) return { decision: 'NoOpinion', reason: '' };
    // In the order of the bindings.
    const { errors } = await this.#resolver.rulesFor(user, namespace);
    return { decision: 'NoOpinion', reason: errors.length === 0 ? '' : `RBAC: ${messageOf(errors)}` };
  }

  async rulesFor(user: UserInfo, namespace: string): ReturnType<RuleResolver['rulesFor']> {
    const { rules, errors } = await this.#resolver.rulesFor(user, namespace);
    const resourceRules: ResourceRule[] = [];
    const nonResourceRules: NonResourceRule[] = [];
    for (const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } of rules) {
      if (resources.length > 0)
        resourceRules.push({ verbs: verbs ?? [], apiGroups, resources, resourceNames });
      if (nonResourceURLs.length > 0) nonResourceRules.push({ verbs: verbs ?? [], nonResourceURLs });
    }
    const error = errors.length === 0 ? undefined : new Error(messageOf(errors));
    return { resourceRules, nonResourceRules, incomplete: false, error };
  }
}
