import { deprecatedNodeLabelMessage } from '../../../apis/node/node-labels.ts';
import type { RuntimeClass } from '../../../apis/node/v1/types.ts';
import {
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from '../../../apis/node/validation/runtime-class.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const runtimeClassStrategy: RESTStrategy<RuntimeClass> = {
  kind: { group: 'node.k8s.io', kind: 'RuntimeClass' },
  declared: { type: 'RuntimeClass', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: (_context, runtimeClass) => validateRuntimeClass(runtimeClass),
  warningsOnCreate: (_context, runtimeClass) => warnings(runtimeClass),
  validateUpdate: (_context, runtimeClass, old) => validateRuntimeClassUpdate(runtimeClass, old),
  warningsOnUpdate: (_context, runtimeClass) => warnings(runtimeClass),
};

function warnings({ scheduling }: RuntimeClass): string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const message = deprecatedNodeLabelMessage(label);
    return message ? [`scheduling.nodeSelector: ${message}`] : [];
  });
}
