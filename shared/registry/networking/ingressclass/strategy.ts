import type { IngressClass } from '../../../apis/networking/v1/types.ts';
import {
  validateIngressClass,
  validateIngressClassUpdate,
} from '../../../apis/networking/validation/ingress-class.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const ingressClassStrategy: RESTStrategy<IngressClass> = {
  kind: { group: 'networking.k8s.io', kind: 'IngressClass' },
  declared: { type: 'IngressClass', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: (_context, ingressClass) => validateIngressClass(ingressClass),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: (_context, ingressClass, old) => validateIngressClassUpdate(ingressClass, old),
};
