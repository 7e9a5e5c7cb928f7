import { dropGatedTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import type { PodTemplate } from '../../../apis/core/v1/types.ts';
import { validatePodTemplate } from '../../../apis/core/validation/pod-template.ts';
import { podTemplateValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import { warningsForPodTemplate } from '../../../apis/core/warnings/pods.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

const TEMPLATE = FieldPath.of('template');

export const podTemplateStrategy: RESTStrategy<PodTemplate> = {
  kind: { group: '', kind: 'PodTemplate' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(context, object) {
    object.metadata.generation = 1;
    dropGatedTemplateFields(context, object.template, undefined);
  },
  validate: (_context, object) => validatePodTemplate(object, podTemplateValidationOptions(undefined)),
  warningsOnCreate: (_context, { template }) => warningsForPodTemplate(template, TEMPLATE),
  prepareForUpdate(context, object, old) {
    dropGatedTemplateFields(context, object.template, old.template);
    if (!semanticDeepEqual(object.template, old.template)) raiseGeneration(object, old);
  },
  validateUpdate: (_context, object, old) =>
    validatePodTemplate(object, podTemplateValidationOptions(old.template)),
  warningsOnUpdate: (_context, { metadata, template }, old) =>
    metadata.generation === old.metadata.generation ? [] : warningsForPodTemplate(template, TEMPLATE),
};
