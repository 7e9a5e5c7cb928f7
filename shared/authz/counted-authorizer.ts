/** https://github.com/kubernetes/apiserver/blob/master/pkg/authorization/metrics/metrics.go */

import type { AuthorizationResult, Authorizer, AuthorizerAttributes } from './authorizer.ts';

/** Called for decisions that end the chain, with the type and name of the authorizer that made it. */
export type CountDecision = (decided: {
  readonly type: string;
  readonly name: string;
  readonly decision: 'allowed' | 'denied';
}) => void;

const TERMINAL = { Allow: 'allowed', Deny: 'denied' } as const;

/** Reports each final decision of a delegate. */
export class CountedAuthorizer implements Authorizer {
  readonly #delegate: Authorizer;
  readonly #of: { readonly type: string; readonly name: string };
  readonly #count: CountDecision;

  constructor(
    delegate: Authorizer,
    of: { readonly type: string; readonly name: string },
    count: CountDecision,
  ) {
    this.#delegate = delegate;
    this.#of = of;
    this.#count = count;
  }

  async authorize(attributes: AuthorizerAttributes, prefetch?: () => void): Promise<AuthorizationResult> {
    const result = await this.#delegate.authorize(attributes, prefetch);
    const { decision } = result;
    if (decision !== 'NoOpinion') this.#count({ ...this.#of, decision: TERMINAL[decision] });
    return result;
  }
}
