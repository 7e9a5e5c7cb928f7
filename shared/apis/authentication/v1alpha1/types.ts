// Generated from types.json by `npm run generate`. Do not edit.

import type { ObjectMeta } from '../../../meta/v1/types.ts';
import type { UserInfo } from '../v1/types.ts';

export interface SelfSubjectReview {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  status: SelfSubjectReviewStatus;
}

export interface SelfSubjectReviewStatus {
  userInfo: UserInfo;
}
