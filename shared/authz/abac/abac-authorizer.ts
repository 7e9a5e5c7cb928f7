import type { UserInfo } from '../../request/user-info.ts';
import type { AuthorizationResult, Authorizer, AuthorizerAttributes, RuleResolver } from '../authorizer.ts';
import { nonResourceURLCovers } from '../rbac/rule-allows.ts';
import type { ABACPolicy } from './policy.ts';

const READ_VERBS = ['get', 'list', 'watch'];

/** If a policy names a user and a group, the caller must match both; a policy without either matches no caller. */
function subjectMatches({ user, group }: ABACPolicy, who: UserInfo): boolean {
  if (user === '' && group === '') return false;
  const userMatches = user === '' || user === '*' || user === who.name;
  return userMatches && (group === '' || group === '*' || who.groups.includes(group));
}

const covers = (pattern: string, value: string): boolean => pattern === '*' || pattern === value;

function matches(policy: ABACPolicy, attributes: AuthorizerAttributes): boolean {
  if (!subjectMatches(policy, attributes.user)) return false;
  if (policy.readonly && !READ_VERBS.includes(attributes.verb)) return false;
  if (!attributes.isResourceRequest) return nonResourceURLCovers(policy.nonResourcePath, attributes.path);
  return (
    covers(policy.namespace, attributes.namespace) &&
    covers(policy.resource, attributes.resource) &&
    covers(policy.apiGroup, attributes.apiGroup)
  );
}

/** `--authorization-mode=ABAC`: allows requests that match a line of the policy file. */
export class ABACAuthorizer implements Authorizer, RuleResolver {
  readonly #policies: readonly ABACPolicy[];

  constructor(policies: readonly ABACPolicy[]) {
    this.#policies = policies;
  }

  async authorize(attributes: AuthorizerAttributes): Promise<AuthorizationResult> {
    if (this.#policies.some((policy) => matches(policy, attributes)))
      return { decision: 'Allow', reason: '' };
    return { decision: 'NoOpinion', reason: 'No policy matched.' };
  }

  async rulesFor(user: UserInfo, namespace: string): ReturnType<RuleResolver['rulesFor']> {
    const own = this.#policies.filter(
      (policy) => subjectMatches(policy, user) && covers(policy.namespace, namespace),
    );
    const verbsOf = ({ readonly }: ABACPolicy) => (readonly ? READ_VERBS : ['*']);
    return {
      resourceRules: own
        .filter(({ resource }) => resource !== '')
        .map((policy) => ({
          verbs: verbsOf(policy),
          apiGroups: [policy.apiGroup],
          resources: [policy.resource],
          resourceNames: [],
        })),
      nonResourceRules: own
        .filter(({ nonResourcePath }) => nonResourcePath !== '')
        .map((policy) => ({ verbs: verbsOf(policy), nonResourceURLs: [policy.nonResourcePath] })),
      incomplete: false,
    };
  }
}
