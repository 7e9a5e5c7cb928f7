// Generated from types.json by `npm run generate`. Do not edit.

import type { GroupVersionKind, ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';

export interface APIGroupDiscovery {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  versions?: APIVersionDiscovery[] | undefined;
}

export interface APIGroupDiscoveryList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: APIGroupDiscovery[] | null | undefined;
}

export interface APIResourceDiscovery {
  resource: string;
  responseKind?: GroupVersionKind | undefined;
  scope: string;
  singularResource: string;
  verbs?: string[] | null | undefined;
  shortNames?: string[] | undefined;
  categories?: string[] | undefined;
  subresources?: APISubresourceDiscovery[] | undefined;
}

export interface APISubresourceDiscovery {
  subresource: string;
  responseKind?: GroupVersionKind | undefined;
  acceptedTypes?: GroupVersionKind[] | undefined;
  verbs?: string[] | null | undefined;
}

export interface APIVersionDiscovery {
  version: string;
  resources?: APIResourceDiscovery[] | undefined;
  freshness?: string | undefined;
}
