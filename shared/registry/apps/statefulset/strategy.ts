import type { StatefulSet } from '../../../apis/apps/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSLabel } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/apps/validation/stateful-set.ts'));
const loadClaimWarnings = once(() => import('../../../apis/core/warnings/persistent-volume-claims.ts'));
const loadPodWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

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
  validate: async (context, object) => (await loadRules()).validateStatefulSet(context, object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validateStatefulSetUpdate(context, object, old),
  warningsOnCreate: async (_context, object) => [
    ...(await loadPodWarnings()).warningsForPodTemplate(object.spec.template, TEMPLATE),
    ...(await warnings(object)),
  ],
  warningsOnUpdate: async (_context, object, old) => [
    ...(object.metadata.generation === old.metadata.generation
      ? []
      : (await loadPodWarnings()).warningsForPodTemplate(object.spec.template, TEMPLATE)),
    ...(await warnings(object)),
  ],
};

export const statefulSetStatusStrategy: RESTStrategy<StatefulSet> = {
  ...statefulSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, object, old) => (await loadRules()).validateStatefulSetStatus(object, old),
  warningsOnUpdate: () => [],
};

const HISTORY =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';

async function warnings({ spec }: StatefulSet): Promise<string[]> {
  const { warningsForPersistentVolumeClaimSpec } = await loadClaimWarnings();
  const claims = SPEC.child('volumeClaimTemplates');
  return [
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, index) =>
      warningsForPersistentVolumeClaimSpec(claim.spec, claims.index(index)),
    ),
    ...((spec.revisionHistoryLimit ?? 0) < 0 ? [HISTORY] : []),
  ];
}
