/** https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/authorizer/reload.go */

import type { UserInfo } from '../request/user-info.ts';
import type { AuthorizationResult, Authorizer, AuthorizerAttributes, RuleResolver } from './authorizer.ts';
import type { Authorizers } from './authorizer-config.ts';

/** Delegates to the authorizers configured at the time of the call. */
export class DynamicAuthorizer implements Authorizer, RuleResolver {
  readonly #current: () => Promise<Authorizers>;

  constructor(current: () => Promise<Authorizers>) {
    this.#current = current;
  }

  async authorize(attributes: AuthorizerAttributes, prefetch?: () => void): Promise<AuthorizationResult> {
    return (await this.#current()).authorizer.authorize(attributes, prefetch);
  }

  async rulesFor(user: UserInfo, namespace: string): ReturnType<RuleResolver['rulesFor']> {
    return (await this.#current()).ruleResolver.rulesFor(user, namespace);
  }
}
