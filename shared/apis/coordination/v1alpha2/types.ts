// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';

export interface LeaseCandidate {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: LeaseCandidateSpec;
}

export interface LeaseCandidateList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: LeaseCandidate[] | null | undefined;
}

export interface LeaseCandidateSpec {
  leaseName: string;
  pingTime?: string | undefined;
  renewTime?: string | undefined;
  binaryVersion: string;
  emulationVersion?: string | undefined;
  strategy?: string | undefined;
}
