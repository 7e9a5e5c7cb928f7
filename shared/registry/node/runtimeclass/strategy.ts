import { deprecatedNodeLabelMessage } from '../../../apis/node/node-labels.ts';
import type { RuntimeClass } from '../../../apis/node/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/node/validation/runtime-class.ts'));

export const runtimeClassStrategy: RESTStrategy<RuntimeClass> = {
  kind: { group: 'node.k8s.io', kind: 'RuntimeClass' },
  declared: { type: 'RuntimeClass', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: async (_context, runtimeClass) => (await loadRules()).validateRuntimeClass(runtimeClass),
  warningsOnCreate: (_context, runtimeClass) => warnings(runtimeClass),
  validateUpdate: async (_context, runtimeClass, old) =>
    (await loadRules()).validateRuntimeClassUpdate(runtimeClass, old),
  warningsOnUpdate: (_context, runtimeClass) => warnings(runtimeClass),
};

function warnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const message = deprecatedNodeLabelMessage(label);
    return message ? [`scheduling.nodeSelector: ${message}`] : [];
  });
}
