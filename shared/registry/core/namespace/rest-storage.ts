import type { RESTStorage, ResetFieldsProvider, Updater } from '../../../rest/rest-storage.ts';
import { withFinalizerRules } from '../../generic/finalizer-rules.ts';
import type { BuildResource } from '../../generic/group-storage.ts';
import { NamespaceStore } from './namespace-store.ts';
import { namespaceFinalizeStrategy, namespaceStatusStrategy, namespaceStrategy } from './strategy.ts';

/** Restricts the storage to updates. */
function updateOnly(storage: Updater & ResetFieldsProvider): RESTStorage {
  const { groupResource, storageVersion } = storage;
  const update: Updater['update'] = (...request) => storage.update(...request);
  const resetFields: ResetFieldsProvider['resetFields'] = () => storage.resetFields();
  return { groupResource, storageVersion, update, resetFields } as Updater & ResetFieldsProvider;
}

export const namespaces: BuildResource = (config, resource) => {
  const store = new NamespaceStore({
    config,
    resource,
    storageVersion: { group: '', version: 'v1', kind: 'Namespace' },
    strategy: withFinalizerRules(namespaceStrategy),
    returnDeletedObject: true,
    shouldDeleteDuringUpdate: ({ spec }) => !spec?.finalizers?.length,
  });
  return {
    '': store,
    finalize: updateOnly(store.withStrategy(withFinalizerRules(namespaceFinalizeStrategy))),
    status: store.withStrategy(withFinalizerRules(namespaceStatusStrategy)),
  };
};
