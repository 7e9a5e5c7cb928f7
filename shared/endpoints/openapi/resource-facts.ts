/** Facts about resources that discovery lacks. */

import type { HTTPMethod } from './openapi-model.ts';

const CORE = 'io.k8s.api.core.v1';

export interface Connector {
  readonly methods: readonly HTTPMethod[];
  /** The definition of its query parameters. */
  readonly options: string;
  /** Whether it accepts subpaths. */
  readonly hasPaths: boolean;
}

const STREAMS: readonly HTTPMethod[] = ['get', 'post'];
const PROXIES: readonly HTTPMethod[] = ['get', 'post', 'put', 'delete', 'head', 'options', 'patch'];

/** Subresources with the connect verb. */
export const CONNECTORS: ReadonlyMap<string, Connector> = new Map([
  ['pods/attach', { methods: STREAMS, options: `${CORE}.PodAttachOptions`, hasPaths: false }],
  ['pods/exec', { methods: STREAMS, options: `${CORE}.PodExecOptions`, hasPaths: false }],
  ['pods/portforward', { methods: STREAMS, options: `${CORE}.PodPortForwardOptions`, hasPaths: false }],
  ['pods/proxy', { methods: PROXIES, options: `${CORE}.PodProxyOptions`, hasPaths: true }],
  ['services/proxy', { methods: PROXIES, options: `${CORE}.ServiceProxyOptions`, hasPaths: true }],
  ['nodes/proxy', { methods: PROXIES, options: `${CORE}.NodeProxyOptions`, hasPaths: true }],
]);

/** Subresources that return text. */
export const TEXT_SUBRESOURCES: ReadonlyMap<string, { readonly options: string }> = new Map([
  ['pods/log', { options: `${CORE}.PodLogOptions` }],
]);

/** Resources whose deletion returns the deleted object rather than a Status. */
export const RETURNS_DELETED_OBJECT: ReadonlySet<string> = new Set([
  'persistentvolumeclaims.',
  'persistentvolumes.',
  'pods.',
  'podtemplates.',
  'resourcequotas.',
  'serviceaccounts.',
  'services.',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
  'deviceclasses.resource.k8s.io',
  'devicetaintrules.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourcepoolstatusrequests.resource.k8s.io',
  'resourceslices.resource.k8s.io',
]);
