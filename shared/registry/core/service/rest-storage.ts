import type { Endpoints, Service } from '../../../apis/core/v1/types.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';
import { isStorageError } from '../../../storage/errors.ts';
import { withFinalizerRules } from '../../generic/finalizer-rules.ts';
import type { ResourceStorages } from '../../generic/group-storage.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import { Store } from '../../generic/store.ts';
import { proxyConnecter } from '../connecters.ts';
import { ServiceAllocators } from './allocators.ts';
import { normalizeClusterIPs, patchAllocatedValues } from './linked-fields.ts';
import { serviceStatusStrategy, serviceStrategy } from './strategy.ts';

/** Deletes the endpoints of a deleted service, so that a new service of the same name doesn't start with them. */
async function deleteEndpoints(endpoints: Store<Endpoints>, { metadata }: Service): Promise<void> {
  try {
    await endpoints.storage.delete(`${metadata.namespace}/${metadata.name}`);
  } catch (error) {
    // The service has already been deleted, and the endpoints controller also cleans up.
    if (!isStorageError(error)) throw error;
  }
}

export function serviceStorages(
  config: RESTStorageConfig,
  resource: GroupResource,
  endpoints: Store<Endpoints>,
): ResourceStorages {
  const store: Store<Service> = new Store<Service>({
    config,
    resource,
    storageVersion: { group: '', version: 'v1', kind: 'Service' },
    strategy: withFinalizerRules(serviceStrategy),
    returnDeletedObject: true,
    async beginCreate(context, service, { dryRun }) {
      service.metadata.namespace ||= context.requestInfo.namespace;
      normalizeClusterIPs(service, undefined);
      return allocators.allocateCreate(service, dryRun);
    },
    async beginUpdate(_context, service, old, { dryRun }) {
      patchAllocatedValues(service, old);
      normalizeClusterIPs(service, old);
      return allocators.allocateUpdate(service, old, dryRun);
    },
    async afterDelete(service, { dryRun }) {
      if (dryRun) return;
      await deleteEndpoints(endpoints, service);
      await allocators.release(service);
    },
  });
  const allocators = new ServiceAllocators(config, store);
  return {
    '': store,
    status: store.withStrategy(withFinalizerRules(serviceStatusStrategy)),
    proxy: proxyConnecter(store, config.resources),
  };
}
