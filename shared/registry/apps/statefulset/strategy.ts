import type { StatefulSet } from '../../../apis/apps/v1/types.ts';
import {
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from '../../../apis/apps/validation/stateful-set.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { warningsForPersistentVolumeClaimSpec } from '../../../apis/core/warnings/persistent-volume-claims.ts';
import { warningsForPodTemplate } from '../../../apis/core/warnings/pods.ts';
import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSLabel } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['apps/v1'];
const SPEC = FieldPath.of('spec');
const TEMPLATE = SPEC.child('template');

const GATED: GatedPaths = {
  MaxUnavailableStatefulSet: ['spec.updateStrategy.rollingUpdate.maxUnavailable'],
};

export const statefulSetStrategy: RESTStrategy<StatefulSet> = {
  kind: { group: 'apps', kind: 'StatefulSet' },
  namespaced: true,
  validateName: nameIsDNSLabel,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields(context, object, old) {
    dropGatedPaths(context, GATED, object, old);
    dropDisabledTemplateFields(context, object.spec.template, old?.spec.template);
  },
  prepareForCreate(_context, object) {
    object.status = { replicas: 0, availableReplicas: 0 };
    object.metadata.generation = 1;
  },
  validate: validateStatefulSet,
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: validateStatefulSetUpdate,
  warningsOnCreate: (_context, object) => [
    ...warningsForPodTemplate(object.spec.template, TEMPLATE),
    ...warnings(object),
  ],
  warningsOnUpdate: (_context, object, old) => [
    ...(object.metadata.generation === old.metadata.generation
      ? []
      : warningsForPodTemplate(object.spec.template, TEMPLATE)),
    ...warnings(object),
  ],
};

export const statefulSetStatusStrategy: RESTStrategy<StatefulSet> = {
  ...statefulSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, object, old) => validateStatefulSetStatus(object, old),
  warningsOnUpdate: () => [],
};

const HISTORY =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';

function warnings({ spec }: StatefulSet): string[] {
  const claims = SPEC.child('volumeClaimTemplates');
  return [
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, index) =>
      warningsForPersistentVolumeClaimSpec(claim.spec, claims.index(index)),
    ),
    ...((spec.revisionHistoryLimit ?? 0) < 0 ? [HISTORY] : []),
  ];
}
