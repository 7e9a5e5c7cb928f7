/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/rest/storage_core.go */

import type { Endpoints } from '../../apis/core/v1/types.ts';
import type { Getter, NamedCreater } from '../../rest/rest-storage.ts';
import {
  type BuildResource,
  groupStorage,
  type ResourceStorages,
  storedResource,
} from '../generic/group-storage.ts';
import { LazyNamedCreater } from '../generic/lazy-named-creater.ts';
import type { RESTStorageConfig, RESTStorageProvider } from '../generic/rest-storage-provider.ts';
import { ScaleREST } from '../generic/scale-rest.ts';
import type { Store } from '../generic/store.ts';
import { ComponentStatusREST } from './componentstatus/component-status-rest.ts';
import { configMapStrategy } from './configmap/strategy.ts';
import { proxyConnecter } from './connecters.ts';
import { endpointsStrategy } from './endpoints/strategy.ts';
import { events } from './event/rest-storage.ts';
import { limitRangeStrategy } from './limitrange/strategy.ts';
import { namespaces } from './namespace/rest-storage.ts';
import { nodeStatusStrategy, nodeStrategy } from './node/strategy.ts';
import { persistentVolumeStatusStrategy, persistentVolumeStrategy } from './persistentvolume/strategy.ts';
import {
  persistentVolumeClaimStatusStrategy,
  persistentVolumeClaimStrategy,
} from './persistentvolumeclaim/strategy.ts';
import { type BindingREST, LegacyBindingREST } from './pod/binding-rest.ts';
import { pods } from './pod/rest-storage.ts';
import { podTemplateStrategy } from './podtemplate/strategy.ts';
import { replicationControllerScale } from './replicationcontroller/scale.ts';
import {
  replicationControllerStatusStrategy,
  replicationControllerStrategy,
} from './replicationcontroller/strategy.ts';
import { resourceQuotaStatusStrategy, resourceQuotaStrategy } from './resourcequota/strategy.ts';
import { secretStrategy } from './secret/strategy.ts';
import { serviceStorages } from './service/rest-storage.ts';
import { serviceAccountStrategy } from './serviceaccount/strategy.ts';
import { TOKEN_REQUEST } from './subresource-kinds.ts';

const version = 'v1';

/** Resources that don't depend on others. */
const RESOURCES: Readonly<Record<string, BuildResource>> = {
  configmaps: storedResource({ version, strategy: configMapStrategy }),
  endpoints: storedResource({ version, strategy: endpointsStrategy }),
  events,
  limitranges: storedResource({ version, strategy: limitRangeStrategy }),
  namespaces,
  nodes: storedResource({
    version,
    strategy: nodeStrategy,
    status: nodeStatusStrategy,
    subresources: (store, { resources }) => ({ proxy: proxyConnecter(store, resources) }),
  }),
  persistentvolumeclaims: storedResource({
    version,
    strategy: persistentVolumeClaimStrategy,
    status: persistentVolumeClaimStatusStrategy,
    returnDeletedObject: true,
  }),
  persistentvolumes: storedResource({
    version,
    strategy: persistentVolumeStrategy,
    status: persistentVolumeStatusStrategy,
    returnDeletedObject: true,
  }),
  pods,
  podtemplates: storedResource({ version, strategy: podTemplateStrategy, returnDeletedObject: true }),
  replicationcontrollers: storedResource({
    version,
    strategy: replicationControllerStrategy,
    status: replicationControllerStatusStrategy,
    subresources: (store) => ({ scale: new ScaleREST(store, replicationControllerScale) }),
  }),
  resourcequotas: storedResource({
    version,
    strategy: resourceQuotaStrategy,
    status: resourceQuotaStatusStrategy,
    returnDeletedObject: true,
  }),
  secrets: storedResource({ version, strategy: secretStrategy }),
};

const serviceAccounts = storedResource({
  version,
  strategy: serviceAccountStrategy,
  returnDeletedObject: true,
});

type StoragesOf = (resource: string) => ResourceStorages;

/** Null without a signing key. */
function tokenREST(config: RESTStorageConfig, accounts: Getter, storagesOf: StoragesOf): NamedCreater | null {
  const { tokenGenerator, options } = config;
  if (tokenGenerator === undefined) return null;
  const getter = (resource: string): Getter => storagesOf(resource)[''] as Getter;
  return new LazyNamedCreater(accounts.groupResource, TOKEN_REQUEST, async () => {
    const { TokenREST } = await import('./serviceaccount/token-rest.ts');
    return new TokenREST({
      serviceAccounts: accounts,
      pods: getter('pods'),
      secrets: getter('secrets'),
      nodes: getter('nodes'),
      generator: tokenGenerator,
      apiAudiences: options.apiAudiences,
      maxExpirationSeconds: options.serviceAccountMaxTokenExpiration,
      extendExpiration: options.serviceAccountExtendTokenExpiration,
    });
  });
}

export const coreStorage: RESTStorageProvider = {
  group: '',
  restStorage(config) {
    const built = new Map<string, ResourceStorages>();
    const storagesOf: StoragesOf = (resource) => {
      const storages = built.get(resource) ?? RESOURCES[resource]!(config, { group: '', resource });
      built.set(resource, storages);
      return storages;
    };
    const plain = Object.keys(RESOURCES).map((name) => [name, () => storagesOf(name)] as const);
    return groupStorage('', {
      ...Object.fromEntries(plain),
      bindings: () => ({ '': new LegacyBindingREST(storagesOf('pods')['binding'] as BindingREST) }),
      componentstatuses: ({ storageFactory }) => ({
        '': new ComponentStatusREST(new Map([['etcd-0', () => storageFactory.ready()]])),
      }),
      serviceaccounts: (_, resource) => {
        const accounts = serviceAccounts(config, resource);
        return { ...accounts, token: tokenREST(config, accounts[''] as Getter, storagesOf) };
      },
      services: (_, resource) =>
        serviceStorages(config, resource, storagesOf('endpoints')[''] as Store<Endpoints>),
    }).restStorage(config);
  },
};
