// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { Toleration } from '../../core/v1/types.ts';

export interface Overhead {
  podFixed?: Record<string, string> | undefined;
}

export interface RuntimeClass {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: RuntimeClassSpec;
}

export interface RuntimeClassList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: RuntimeClass[] | null | undefined;
}

export interface RuntimeClassSpec {
  runtimeHandler: string;
  overhead?: Overhead | undefined;
  scheduling?: Scheduling | undefined;
}

export interface Scheduling {
  nodeSelector?: Record<string, string> | undefined;
  tolerations?: Toleration[] | undefined;
}
