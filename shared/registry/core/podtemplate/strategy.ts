import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import type { PodTemplate } from '../../../apis/core/v1/types.ts';
import { podTemplateValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/core/validation/pod-template.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

const TEMPLATE = FieldPath.of('template');

export const podTemplateStrategy: RESTStrategy<PodTemplate> = {
  kind: { group: '', kind: 'PodTemplate' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  dropDisabledFields: (context, { template }, old) =>
    dropDisabledTemplateFields(context, template, old?.template),
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: async (context, object) =>
    (await loadRules()).validatePodTemplate(object, podTemplateValidationOptions(context, undefined)),
  warningsOnCreate: async (_context, { template }) =>
    (await loadWarnings()).warningsForPodTemplate(template, TEMPLATE),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.template, old.template)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePodTemplate(object, podTemplateValidationOptions(context, old.template)),
  warningsOnUpdate: async (_context, { metadata, template }, old) =>
    metadata.generation === old.metadata.generation
      ? []
      : (await loadWarnings()).warningsForPodTemplate(template, TEMPLATE),
};
