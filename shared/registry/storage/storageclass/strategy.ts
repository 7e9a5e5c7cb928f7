import { deprecatedNodeLabelMessage } from '../../../apis/node/node-labels.ts';
import type { StorageClass } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/storage/validation/storage-class.ts'));

export const storageClassStrategy: RESTStrategy<StorageClass> = {
  kind: { group: 'storage.k8s.io', kind: 'StorageClass' },
  declared: { type: 'StorageClass', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  validate: async (_context, storageClass) => (await loadRules()).validateStorageClass(storageClass),
  warningsOnCreate: (_context, storageClass) => warnings(storageClass),
  validateUpdate: async (_context, storageClass, old) =>
    (await loadRules()).validateStorageClassUpdate(storageClass, old),
  warningsOnUpdate: (_context, storageClass) => warnings(storageClass),
};

function warnings({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, index) =>
    (matchLabelExpressions ?? []).flatMap(({ key }, at) => {
      const message = deprecatedNodeLabelMessage(key);
      return message ? [`allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${message}`] : [];
    }),
  );
}
