import type { Authorizer, RuleResolver } from '../../authz/authorizer.ts';
import { type BuildResource, groupStorage } from '../generic/group-storage.ts';
import {
  type AccessReviewKind,
  AccessReviewREST,
  LOCAL_SUBJECT_ACCESS_REVIEW,
  SELF_SUBJECT_ACCESS_REVIEW,
  SUBJECT_ACCESS_REVIEW,
} from './access-review-rest.ts';
import { SelfSubjectRulesReviewREST } from './self-subject-rules-review-rest.ts';

/** Used if the server has no authorizer; allows nothing. */
const NO_AUTHORIZER: Authorizer & RuleResolver = {
  authorize: async () => ({ decision: 'NoOpinion', reason: '' }),
  rulesFor: async () => ({ resourceRules: [], nonResourceRules: [], incomplete: true }),
};

const accessReview =
  (kind: AccessReviewKind<never>): BuildResource =>
  ({ authorizer = NO_AUTHORIZER }, resource) => ({ '': new AccessReviewREST(resource, kind, authorizer) });

export const authorizationStorage = groupStorage('authorization.k8s.io', {
  localsubjectaccessreviews: accessReview(LOCAL_SUBJECT_ACCESS_REVIEW),
  selfsubjectaccessreviews: accessReview(SELF_SUBJECT_ACCESS_REVIEW),
  selfsubjectrulesreviews: ({ ruleResolver = NO_AUTHORIZER }, resource) => ({
    '': new SelfSubjectRulesReviewREST(resource, ruleResolver),
  }),
  subjectaccessreviews: accessReview(SUBJECT_ACCESS_REVIEW),
});
