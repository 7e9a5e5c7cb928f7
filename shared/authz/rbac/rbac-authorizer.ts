/** https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/rbac.go */

import type { UserInfo } from '../../request/user-info.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import type {
  AuthorizationResult,
  Authorizer,
  AuthorizerAttributes,
  NonResourceRule,
  ResourceRule,
  RuleResolver,
} from '../authorizer.ts';
import { unreadable } from '../unreadable.ts';
import type { RBACRuleResolver } from './rule-resolver.ts';

const messageOf = (errors: readonly Error[]): string =>
  aggregateMessages(errors.map(({ message }) => message));

/** Allows requests that match a rule of a bound role, and has no opinion on others. */
export class RBACAuthorizer implements Authorizer, RuleResolver {
  readonly #resolver: RBACRuleResolver;

  constructor(resolver: RBACRuleResolver) {
    this.#resolver = resolver;
  }

  async authorize(attributes: AuthorizerAttributes, prefetch?: () => void): Promise<AuthorizationResult> {
    const { user, namespace } = attributes;
    let failed = false;
    let lost: Error | undefined;
    try {
      for (const scope of await this.#resolver.scopes(user, namespace)) {
        try {
          const policy = await scope(prefetch);
          const grant = policy.grantFor(attributes);
          if (grant !== undefined) return { decision: 'Allow', reason: `RBAC: allowed by ${grant}` };
          failed ||= policy.rulesFor(user).errors.length > 0;
        } catch (error) {
          failed = true;
          lost ??= unreadable(error);
        }
      }
    } catch (error) {
      failed = true;
      lost ??= unreadable(error);
    }
    if (lost !== undefined) return { decision: 'NoOpinion', reason: '', error: lost };
    if (!failed) return { decision: 'NoOpinion', reason: '' };
    // Resolved again for the errors, in the order of the bindings.
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
