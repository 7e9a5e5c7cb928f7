import type { APIGroup } from '../install-group.ts';
import typesV1 from './v1/types.json?text';
import { subjectAccessReviewFromInternal, subjectAccessReviewToInternal } from './v1beta1/conversion.ts';
import typesV1beta1 from './v1beta1/types.json?text';

const SUBJECT_ACCESS_REVIEW = {
  toInternal: subjectAccessReviewToInternal,
  fromInternal: subjectAccessReviewFromInternal,
};

export const authorization: APIGroup = {
  group: 'authorization.k8s.io',
  definitions: 'io.k8s.api.authorization',
  priority: 17600,
  versions: {
    v1: { types: typesV1, priority: 15 },
    v1beta1: {
      types: typesV1beta1,
      priority: 9,
      kinds: {
        SubjectAccessReview: SUBJECT_ACCESS_REVIEW,
        LocalSubjectAccessReview: SUBJECT_ACCESS_REVIEW,
      },
    },
  },
};
