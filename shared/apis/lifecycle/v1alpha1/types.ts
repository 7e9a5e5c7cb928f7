// Generated from types.json by `npm run generate`. Do not edit.

import type { Condition, ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';

export interface Eviction {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: EvictionSpec;
  status: EvictionStatus;
}

export interface EvictionList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: Eviction[] | null | undefined;
}

export interface EvictionPodReference {
  name: string;
  uid: string;
}

export interface EvictionRequest {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: EvictionRequestSpec;
  status: EvictionRequestStatus;
}

export interface EvictionRequestList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: EvictionRequest[] | null | undefined;
}

export interface EvictionRequestPodReference {
  name: string;
  uid: string;
}

export interface EvictionRequestSpec {
  target: EvictionRequestTarget;
  requester: string;
  intent: 'Eviction' | 'Withdrawn' | (string & {});
}

export interface EvictionRequestStatus {
  conditions?: Condition[] | undefined;
  observedGeneration?: number | undefined;
}

export interface EvictionRequestTarget {
  pod?: EvictionRequestPodReference | undefined;
}

export interface EvictionSpec {
  target: EvictionTarget;
}

export interface EvictionStatus {
  conditions?: Condition[] | undefined;
  observedGeneration?: number | undefined;
  requesters?: Requester[] | undefined;
  targetResponders?: TargetResponder[] | undefined;
  responders?: ResponderStatus[] | undefined;
}

export interface EvictionTarget {
  pod?: EvictionPodReference | undefined;
}

export interface Requester {
  name: string;
  intent: 'Eviction' | 'Withdrawn' | (string & {});
}

export interface ResponderStatus {
  name: string;
  startTime?: string | undefined;
  heartbeatTime?: string | undefined;
  expectedCompletionTime?: string | undefined;
  completionTime?: string | undefined;
  message?: string | undefined;
}

export interface TargetResponder {
  name: string;
  priority?: number | undefined;
  state: 'Active' | 'Canceled' | 'Completed' | 'Inactive' | 'Interrupted' | (string & {});
}
