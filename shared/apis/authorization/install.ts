import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { subjectAccessReviewFromInternal, subjectAccessReviewToInternal } from './v1beta1/conversion.ts';

const SUBJECT_ACCESS_REVIEW = {
  toInternal: subjectAccessReviewToInternal,
  fromInternal: subjectAccessReviewFromInternal,
};

/** Registers authorization.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'authorization.k8s.io',
    definitions: 'io.k8s.api.authorization',
    versions: ['v1', 'v1beta1'],
    kinds: {
      v1beta1: {
        SubjectAccessReview: SUBJECT_ACCESS_REVIEW,
        LocalSubjectAccessReview: SUBJECT_ACCESS_REVIEW,
      },
    },
  });
}
