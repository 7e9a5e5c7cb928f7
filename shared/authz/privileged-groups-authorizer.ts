import type { AuthorizationResult, Authorizer, AuthorizerAttributes } from './authorizer.ts';

/** Allows members of the given groups everything, so that `system:masters` can't lock itself out. */
export class PrivilegedGroupsAuthorizer implements Authorizer {
  readonly #groups: ReadonlySet<string>;

  constructor(...groups: string[]) {
    this.#groups = new Set(groups);
  }

  async authorize({ user }: AuthorizerAttributes): Promise<AuthorizationResult> {
    const privileged = user.groups.some((group) => this.#groups.has(group));
    return { decision: privileged ? 'Allow' : 'NoOpinion', reason: '' };
  }
}
