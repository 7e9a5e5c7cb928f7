import type { AuthorizationResult, Authorizer, RuleResolver } from './authorizer.ts';

/**
 * `--authorization-mode=AlwaysDeny`. As upstream, it abstains, so that a later authorizer of the union may still allow.
 */
export class AlwaysDenyAuthorizer implements Authorizer, RuleResolver {
  async authorize(): Promise<AuthorizationResult> {
    return { decision: 'NoOpinion', reason: 'Everything is forbidden.' };
  }

  async rulesFor(): ReturnType<RuleResolver['rulesFor']> {
    return { resourceRules: [], nonResourceRules: [], incomplete: false };
  }
}
