import type { AuthorizationResult, Authorizer, RuleResolver } from './authorizer.ts';

/** `--authorization-mode=AlwaysAllow`. */
export class AlwaysAllowAuthorizer implements Authorizer, RuleResolver {
  async authorize(): Promise<AuthorizationResult> {
    return { decision: 'Allow', reason: '' };
  }

  async rulesFor(): ReturnType<RuleResolver['rulesFor']> {
    return {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    };
  }
}
