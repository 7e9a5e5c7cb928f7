import type { IngressClass } from '../../../apis/networking/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/networking/validation/ingress-class.ts'));

export const ingressClassStrategy: RESTStrategy<IngressClass> = {
  kind: { group: 'networking.k8s.io', kind: 'IngressClass' },
  declared: { type: 'IngressClass', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: async (_context, ingressClass) => (await loadRules()).validateIngressClass(ingressClass),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, ingressClass, old) =>
    (await loadRules()).validateIngressClassUpdate(ingressClass, old),
};
