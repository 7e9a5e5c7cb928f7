import { setTemplateGeneration, templateGenerationOf } from '../../../apis/apps/template-generation.ts';
import type { DaemonSet } from '../../../apis/apps/v1/types.ts';
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
} from '../../../apis/apps/validation/daemon-set.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { warningsForPodTemplate } from '../../../apis/core/warnings/pods.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

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
  validate: validateDaemonSet,
  warningsOnCreate: (_context, { spec }) => warningsForPodTemplate(spec.template, TEMPLATE),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    const sameTemplate = semanticDeepEqual(object.spec.template, old.spec.template);
    setTemplateGeneration(object, templateGenerationOf(old) + (sameTemplate ? 0 : 1));
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: validateDaemonSetUpdate,
  warningsOnUpdate: (_context, { metadata, spec }, old) =>
    metadata.generation === old.metadata.generation ? [] : warningsForPodTemplate(spec.template, TEMPLATE),
};

export const daemonSetStatusStrategy: RESTStrategy<DaemonSet> = {
  ...daemonSetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    setTemplateGeneration(object, templateGenerationOf(old));
  },
  validateUpdate: (_context, object, old) => validateDaemonSetStatus(object, old),
  warningsOnUpdate: () => [],
};
