/** https://github.com/kubernetes/apiserver/blob/master/pkg/authorization/metrics/metrics.go */

import type { AuthorizationResult, Authorizer, AuthorizerAttributes } from './authorizer.ts';

/** Told of decisions that end the chain. `type` and `name` are those of the authorizer that made it. */
export type CountDecision = (decided: {
  readonly type: string;
  readonly name: string;
  readonly decision: 'allowed' | 'denied';
}) => void;

const TERMINAL = { Allow: 'allowed', Deny: 'denied' } as const;

/** Tells of each decision of another authorizer. */
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

  async authorize(attributes: AuthorizerAttributes, foresee?: () => void): Promise<AuthorizationResult> {
    const result = await this.#delegate.authorize(attributes, foresee);
    const { decision } = result;
    if (decision !== 'NoOpinion') this.#count({ ...this.#of, decision: TERMINAL[decision] });
    return result;
  }
}
