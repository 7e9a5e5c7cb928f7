import { groupStorage } from '../generic/group-storage.ts';
import { SelfSubjectReviewREST } from './self-subject-review-rest.ts';
import { TokenReviewREST } from './token-review-rest.ts';

export const authenticationStorage = groupStorage('authentication.k8s.io', {
  selfsubjectreviews: (_config, resource) => ({ '': new SelfSubjectReviewREST(resource) }),
  tokenreviews: ({ tokenAuthenticator, options }, resource) => ({
    '': new TokenReviewREST(resource, tokenAuthenticator, options.apiAudiences),
  }),
});
