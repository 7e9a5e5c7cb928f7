/** https://github.com/kubernetes/apiserver/blob/master/pkg/authorization/union/union.go */

import { isUnavailable } from '../meta/status-error.ts';
import type { UserInfo } from '../request/user-info.ts';
import { aggregateMessages } from '../runtime/go-format.ts';
import { appendAll } from '../util/append-all.ts';
import type {
  AuthorizationResult,
  Authorizer,
  AuthorizerAttributes,
  NonResourceRule,
  ResourceRule,
  RuleResolver,
} from './authorizer.ts';

const aggregate = (errors: readonly Error[]): Error | undefined =>
  errors.length === 0
    ? undefined
    : new Error(aggregateMessages(errors.map(({ message }) => message)), { cause: errors[0] });

/** A member of a chain. `name` is included in its errors and reasons. */
export interface NamedAuthorizer {
  readonly name: string;
  readonly authorizer: Authorizer;
}

/**
 * Asks the authorizers in order until one allows or denies. Rejects with a transient error, since a retry may be
 * allowed.
 */
export class UnionAuthorizer implements Authorizer {
  readonly #chain: readonly NamedAuthorizer[];

  constructor(chain: readonly NamedAuthorizer[]) {
    this.#chain = chain;
  }

  async authorize(attributes: AuthorizerAttributes, prefetch?: () => void): Promise<AuthorizationResult> {
    const errors: Error[] = [];
    const reasons: string[] = [];
    for (const { name, authorizer } of this.#chain) {
      const result = await authorizer.authorize(attributes, prefetch);
      if (result.decision !== 'NoOpinion') return result;
      if (result.error !== undefined) errors.push(result.error);
      if (result.reason !== '') reasons.push(`${name}: ${result.reason}`);
    }
    const lost = errors.find(isUnavailable);
    if (lost !== undefined) throw lost;
    return { decision: 'NoOpinion', reason: reasons.join('\n'), error: aggregate(errors) };
  }
}

/** Combines the rules of all resolvers. */
export class UnionRuleResolver implements RuleResolver {
  readonly #resolvers: readonly RuleResolver[];

  constructor(resolvers: readonly RuleResolver[]) {
    this.#resolvers = resolvers;
  }

  async rulesFor(user: UserInfo, namespace: string): ReturnType<RuleResolver['rulesFor']> {
    const resourceRules: ResourceRule[] = [];
    const nonResourceRules: NonResourceRule[] = [];
    const errors: Error[] = [];
    let incomplete = false;
    for (const resolver of this.#resolvers) {
      const rules = await resolver.rulesFor(user, namespace);
      appendAll(resourceRules, rules.resourceRules);
      appendAll(nonResourceRules, rules.nonResourceRules);
      incomplete ||= rules.incomplete;
      if (rules.error !== undefined) errors.push(rules.error);
    }
    return { resourceRules, nonResourceRules, incomplete, error: aggregate(errors) };
  }
}
