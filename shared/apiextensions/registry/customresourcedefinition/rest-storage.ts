import type { Definition } from '../../../apis/apiextensions/definition.ts';
import { groupStorage } from '../../../registry/generic/group-storage.ts';
import type {
  RESTStorageConfig,
  RESTStorageProvider,
} from '../../../registry/generic/rest-storage-provider.ts';
import { DefinitionStore } from './definition-store.ts';
import {
  type DefinitionStrategyDependencies,
  definitionStatusStrategy,
  definitionStrategy,
} from './strategy.ts';

export const DEFINITIONS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };

export interface DefinitionHooks {
  /** Called after every successful write. */
  afterWrite(definition: Definition): Promise<void>;
  /** Called when a deletion begins. */
  finalize(definition: Definition): Promise<void>;
}

export function newDefinitionStore(
  config: RESTStorageConfig,
  strategy: DefinitionStrategyDependencies,
  hooks: DefinitionHooks,
): DefinitionStore {
  const afterWrite = async (definition: Definition, { dryRun }: { dryRun: boolean }): Promise<void> => {
    if (!dryRun) await hooks.afterWrite(definition);
  };
  return new DefinitionStore({
    config,
    resource: DEFINITIONS,
    storageVersion: { group: DEFINITIONS.group, version: 'v1', kind: 'CustomResourceDefinition' },
    strategy: definitionStrategy(strategy),
    afterCreate: afterWrite,
    afterUpdate: afterWrite,
    afterDelete: afterWrite,
    finalize: (_context, definition) => hooks.finalize(definition),
  });
}

export function definitionStorage(store: DefinitionStore): RESTStorageProvider {
  return groupStorage(DEFINITIONS.group, {
    [DEFINITIONS.resource]: () => ({ '': store, status: store.withStrategy(definitionStatusStrategy) }),
  });
}
