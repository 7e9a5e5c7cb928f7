import { setTemplateGeneration, templateGenerationOf } from '../../../apis/apps/template-generation.ts';
import type { DaemonSet } from '../../../apis/apps/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/apps/validation/daemon-set.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

const API_VERSIONS = ['apps/v1'];
const TEMPLATE = FieldPath.of('spec', 'template');

export const daemonSetStrategy: RESTStrategy<DaemonSet> = {
  kind: { group: 'apps', kind: 'DaemonSet' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: (context, { spec }, old) =>
    dropDisabledTemplateFields(context, spec.template, old?.spec.template),
  prepareForCreate(_context, object) {
    object.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    object.metadata.generation = 1;
    setTemplateGeneration(object, Math.max(templateGenerationOf(object), 1));
  },
  validate: async (context, object) => (await loadRules()).validateDaemonSet(context, object),
  warningsOnCreate: async (_context, { spec }) =>
    (await loadWarnings()).warningsForPodTemplate(spec.template, TEMPLATE),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    const sameTemplate = semanticDeepEqual(object.spec.template, old.spec.template);
    setTemplateGeneration(object, templateGenerationOf(old) + (sameTemplate ? 0 : 1));
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validateDaemonSetUpdate(context, object, old),
  warningsOnUpdate: async (_context, { metadata, spec }, old) =>
    metadata.generation === old.metadata.generation
      ? []
      : (await loadWarnings()).warningsForPodTemplate(spec.template, TEMPLATE),
};

export const daemonSetStatusStrategy: RESTStrategy<DaemonSet> = {
  ...daemonSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    setTemplateGeneration(object, templateGenerationOf(old));
  },
  validateUpdate: async (_context, object, old) => (await loadRules()).validateDaemonSetStatus(object, old),
  warningsOnUpdate: () => [],
};
