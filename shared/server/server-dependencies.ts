/** Dependencies of each server of the chain, for serving requests and for creating resources. */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { builtinResources } from '../apis/resource-table.ts';
import type { EmulatedScope, ScopeDependencies } from '../endpoints/routing/api-groups.ts';
import type { RESTStorageConfig } from '../registry/generic/rest-storage-provider.ts';
import {
  formatGroupVersion,
  type GroupVersion,
  type GroupVersionResource,
} from '../runtime/group-version.ts';
import type { Apis } from './apis.ts';
import type { GenericConfig } from './generic-config.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { featureEnabled } from './options/feature-gates.ts';

export function scopeDependencies(config: GenericConfig): ScopeDependencies {
  const { apis, identity } = config;
  const { options } = config.runtime;
  const scope: ScopeDependencies = {
    scheme: apis.scheme,
    defaulter: apis.defaulter,
    codecs: apis.codecs,
    admission: apis.admission,
    authorizer: identity.authorizer,
    minRequestTimeoutSeconds: options.minRequestTimeoutSeconds,
    serverSideApply: options.enableServerSideApply,
    table: builtinResources(),
    minor: KUBERNETES_RELEASE.minor,
  };
  return { ...scope, emulated: emulatedScope(config, scope) };
}

export function storageConfig({ runtime, identity, apis }: GenericConfig): RESTStorageConfig {
  const { storageFactory, encryption, resources, options } = runtime;
  const { authorizer, ruleResolver, tokenAuthenticator, tokenGenerator } = identity;
  return {
    scheme: apis.scheme,
    storageFactory,
    resources,
    authorizer,
    ruleResolver,
    transformerFor: encryption.transformerFor,
    tokenAuthenticator,
    tokenGenerator,
    isResourceServed: (gvr) => isServed(gvr, apis, options),
    options: {
      ...options,
      serviceAccountIssuer: options.serviceAccountIssuer[0]!,
      serviceAccountMaxTokenExpiration: options.serviceAccountMaxTokenExpirationSeconds,
    },
  };
}

function emulatedScope(
  { apis, runtime }: GenericConfig,
  scope: ScopeDependencies,
): EmulatedScope | undefined {
  const { options } = runtime;
  const { emulation } = options;
  if (emulation === undefined || apis.emulated === undefined) return undefined;
  const { codecs, resourceConfig, resources } = apis.emulated;
  const { minor, scheme, hidden } = emulation;
  const isThere = (gv: GroupVersion, path: string): boolean => {
    const [resource = '', subresource] = path.split('/');
    const entry = resources.get(formatGroupVersion(gv))?.resources[resource];
    return (
      entry !== undefined &&
      (subresource === undefined || Object.hasOwn(entry.subresources ?? {}, subresource))
    );
  };
  return {
    ...scope,
    codecs,
    table: resources,
    minor,
    shown: { scheme, hidden },
    isServed: (gv, path) =>
      isThere(gv, path) &&
      resourceConfig.resourceEnabled({ ...gv, resource: path.split('/')[0]! }) &&
      hasItsGates(gv, path, options),
  };
}

/**
 * Whether a resource is served to the server itself or to clients, who may see resources that the served release has
 * disabled.
 */
function isServed(gvr: GroupVersionResource, { resourceConfig, emulated }: Apis, options: CompletedOptions) {
  const own = { featureGates: options.featureGates };
  if (resourceConfig.resourceEnabled(gvr) && hasItsGates(gvr, gvr.resource, own)) return true;
  return (emulated?.resourceConfig.resourceEnabled(gvr) ?? false) && hasItsGates(gvr, gvr.resource, options);
}

type Gates = Parameters<typeof featureEnabled>[0];

/** Whether the feature gates required by a resource or subresource are enabled. */
function hasItsGates(gv: GroupVersion, path: string, gates: Gates): boolean {
  const [resource = '', subresource = ''] = path.split('/');
  const entry = builtinResources().get(formatGroupVersion(gv))?.resources[resource];
  const needed = [entry?.gate, entry?.subresources?.[subresource]?.gate];
  return needed.every((gate) => gate === undefined || featureEnabled(gates, gate));
}
