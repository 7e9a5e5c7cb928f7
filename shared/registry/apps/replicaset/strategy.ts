import type { ReplicaSet } from '../../../apis/apps/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import { podNameWarnings } from '../pod-name-warnings.ts';

const loadRules = once(() => import('../../../apis/apps/validation/replica-set.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

const API_VERSIONS = ['apps/v1'];
const GATED_STATUS: GatedPaths = { DeploymentReplicaSetTerminatingReplicas: ['status.terminatingReplicas'] };
const TEMPLATE = FieldPath.of('spec', 'template');

export const replicaSetStrategy: RESTStrategy<ReplicaSet> = {
  kind: { group: 'apps', kind: 'ReplicaSet' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: (context, { spec }, old) =>
    dropDisabledTemplateFields(context, spec.template, old?.spec.template),
  prepareForCreate(_context, object) {
    object.status = { replicas: 0 };
    object.metadata.generation = 1;
  },
  validate: async (context, object) => (await loadRules()).validateReplicaSet(context, object),
  warningsOnCreate: async (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...(await loadWarnings()).warningsForPodTemplate(spec.template, TEMPLATE),
  ],
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validateReplicaSetUpdate(context, object, old),
  warningsOnUpdate: async (_context, { metadata, spec }, old) =>
    metadata.generation === old.metadata.generation
      ? []
      : (await loadWarnings()).warningsForPodTemplate(spec.template, TEMPLATE),
};

export const replicaSetStatusStrategy: RESTStrategy<ReplicaSet> = {
  ...replicaSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, object) => (await loadRules()).validateReplicaSetStatus(object),
  warningsOnUpdate: () => [],
};
