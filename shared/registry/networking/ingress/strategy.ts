import { INGRESS_CLASS_ANNOTATION } from '../../../apis/networking/ingress-class-annotation.ts';
import type { Ingress } from '../../../apis/networking/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForIP } from '../../../meta/validation/ip.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/networking/validation/ingress.ts'));

const STATUS = FieldPath.of('status', 'loadBalancer', 'ingress');
const API_VERSIONS = ['extensions/v1beta1', 'networking.k8s.io/v1beta1', 'networking.k8s.io/v1'];

export const ingressStrategy: RESTStrategy<Ingress> = {
  kind: { group: 'networking.k8s.io', kind: 'Ingress' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = { loadBalancer: {} };
    object.metadata.generation = 1;
  },
  validate: async (_context, ingress) => (await loadRules()).validateIngressCreate(ingress),
  warningsOnCreate(_context, { metadata, spec }) {
    const annotated = metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined;
    if (!annotated || spec.ingressClassName !== undefined) return [];
    const annotation = quote(INGRESS_CLASS_ANNOTATION);
    return [`annotation ${annotation} is deprecated, please use 'spec.ingressClassName' instead`];
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, ingress, old) => (await loadRules()).validateIngressUpdate(ingress, old),
};

export const ingressStatusStrategy: RESTStrategy<Ingress> = {
  ...ingressStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, ingress, old) =>
    (await loadRules()).validateIngressStatusUpdate(ingress, old),
  warningsOnUpdate: (_context, { status }) =>
    (status.loadBalancer.ingress ?? []).flatMap(({ ip }, index) =>
      ip ? warningsForIP(STATUS.index(index), ip) : [],
    ),
};
