// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';

export interface ClusterTrustBundle {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: ClusterTrustBundleSpec;
}

export interface ClusterTrustBundleList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: ClusterTrustBundle[] | null | undefined;
}

export interface ClusterTrustBundleSpec {
  signerName?: string | undefined;
  trustBundle: string;
}
