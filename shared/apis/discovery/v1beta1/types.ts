// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { ObjectReference } from '../../core/v1/types.ts';

export interface Endpoint {
  addresses?: string[] | null | undefined;
  conditions: EndpointConditions;
  hostname?: string | undefined;
  targetRef?: ObjectReference | undefined;
  topology?: Record<string, string> | undefined;
  nodeName?: string | undefined;
  hints?: EndpointHints | undefined;
}

export interface EndpointConditions {
  ready?: boolean | undefined;
  serving?: boolean | undefined;
  terminating?: boolean | undefined;
}

export interface EndpointHints {
  forZones?: ForZone[] | undefined;
  forNodes?: ForNode[] | undefined;
}

export interface EndpointPort {
  name?: string | undefined;
  protocol?: 'SCTP' | 'TCP' | 'UDP' | (string & {}) | undefined;
  port?: number | undefined;
  appProtocol?: string | undefined;
}

export interface EndpointSlice {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  addressType: 'FQDN' | 'IPv4' | 'IPv6' | (string & {});
  endpoints?: Endpoint[] | null | undefined;
  ports?: EndpointPort[] | null | undefined;
}

export interface EndpointSliceList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: EndpointSlice[] | null | undefined;
}

export interface ForNode {
  name: string;
}

export interface ForZone {
  name: string;
}
