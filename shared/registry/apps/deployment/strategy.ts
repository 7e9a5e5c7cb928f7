import type { Deployment } from '../../../apis/apps/v1/types.ts';
import {
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
} from '../../../apis/apps/validation/deployment.ts';
import { dropGatedTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { warningsForPodTemplate } from '../../../apis/core/warnings/pods.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import { podNameWarnings } from '../pod-name-warnings.ts';

const API_VERSIONS = ['apps/v1'];
const TEMPLATE = FieldPath.of('spec', 'template');

export const deploymentStrategy: RESTStrategy<Deployment> = {
  kind: { group: 'apps', kind: 'Deployment' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(context, object) {
    object.status = {};
    object.metadata.generation = 1;
    dropGatedTemplateFields(context, object.spec.template, undefined);
  },
  validate: (_context, object) => validateDeployment(object),
  warningsOnCreate: (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...warningsForPodTemplate(spec.template, TEMPLATE),
  ],
  prepareForUpdate(context, object, old) {
    object.status = old.status;
    dropGatedTemplateFields(context, object.spec.template, old.spec.template);
    const same =
      semanticDeepEqual(object.spec, old.spec) &&
      semanticDeepEqual(object.metadata.annotations, old.metadata.annotations);
    if (!same) raiseGeneration(object, old);
  },
  validateUpdate: (_context, object, old) => validateDeploymentUpdate(object, old),
  warningsOnUpdate: (_context, { metadata, spec }, old) =>
    metadata.generation === old.metadata.generation ? [] : warningsForPodTemplate(spec.template, TEMPLATE),
};

export const deploymentStatusStrategy: RESTStrategy<Deployment> = {
  ...deploymentStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec', 'metadata.labels'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    if (old.metadata.labels === undefined) delete object.metadata.labels;
    else object.metadata.labels = old.metadata.labels;
  },
  validateUpdate: (_context, object, old) => validateDeploymentStatus(object, old),
  warningsOnUpdate: () => [],
};
