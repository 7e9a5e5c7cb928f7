// Generated from types.json by `npm run generate`. Do not edit.

import type { ObjectMeta } from '../../../meta/v1/types.ts';

export interface ImageReview {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: ImageReviewSpec;
  status: ImageReviewStatus;
}

export interface ImageReviewContainerSpec {
  image?: string | undefined;
}

export interface ImageReviewSpec {
  containers?: ImageReviewContainerSpec[] | undefined;
  annotations?: Record<string, string> | undefined;
  namespace?: string | undefined;
}

export interface ImageReviewStatus {
  allowed: boolean;
  reason?: string | undefined;
  auditAnnotations?: Record<string, string> | undefined;
}
