import type { ReplicaSet } from '../../../apis/apps/v1/types.ts';
import {
  validateReplicaSet,
  validateReplicaSetStatus,
  validateReplicaSetUpdate,
} from '../../../apis/apps/validation/replica-set.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { warningsForPodTemplate } from '../../../apis/core/warnings/pods.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import { podNameWarnings } from '../pod-name-warnings.ts';

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
  validate: validateReplicaSet,
  warningsOnCreate: (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...warningsForPodTemplate(spec.template, TEMPLATE),
  ],
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: validateReplicaSetUpdate,
  warningsOnUpdate: (_context, { metadata, spec }, old) =>
    metadata.generation === old.metadata.generation ? [] : warningsForPodTemplate(spec.template, TEMPLATE),
};

export const replicaSetStatusStrategy: RESTStrategy<ReplicaSet> = {
  ...replicaSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, object) => validateReplicaSetStatus(object),
  warningsOnUpdate: () => [],
};
