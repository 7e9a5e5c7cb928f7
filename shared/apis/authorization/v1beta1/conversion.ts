import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { LocalSubjectAccessReview, SubjectAccessReview, SubjectAccessReviewSpec } from './types.ts';

/** `groups` is called `group` in v1beta1. */
function specToInternal({ group, ...rest }: SubjectAccessReviewSpec): v1.SubjectAccessReviewSpec {
  return compact({ ...rest, groups: group });
}

function specFromInternal({ groups, ...rest }: v1.SubjectAccessReviewSpec): SubjectAccessReviewSpec {
  return compact({ ...rest, group: groups });
}

export function subjectAccessReviewToInternal(
  review: SubjectAccessReview | LocalSubjectAccessReview,
): v1.SubjectAccessReview {
  return { ...review, spec: specToInternal(review.spec) };
}

export function subjectAccessReviewFromInternal(hub: v1.SubjectAccessReview): SubjectAccessReview {
  return { ...hub, spec: specFromInternal(hub.spec) };
}
