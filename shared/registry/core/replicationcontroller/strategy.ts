import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import type { ReplicationController } from '../../../apis/core/v1/types.ts';
import { podTemplateValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { maxBytesError, maxLenError } from '../../../meta/validation/format.ts';
import { DNS1123_SUBDOMAIN_MAX_LENGTH, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { podNameWarnings } from '../../apps/pod-name-warnings.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/core/validation/replication-controllers.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/pods.ts'));

const STATUS = FieldPath.of('status');

export const replicationControllerStrategy: RESTStrategy<ReplicationController> = {
  kind: { group: '', kind: 'ReplicationController' },
  namespaced: true,
  // Declarative validation checks names, though not generateName, and has its own text.
  validateName: (name, part) =>
    (part ? [] : nameIsDNSSubdomain(name, part)).map((text) =>
      text === maxLenError(DNS1123_SUBDOMAIN_MAX_LENGTH) ? maxBytesError(DNS1123_SUBDOMAIN_MAX_LENGTH) : text,
    ),
  resetFields: resetFields(['v1'], 'status'),
  dropDisabledFields: (context, { spec }, old) =>
    dropDisabledTemplateFields(context, spec?.template, old?.spec?.template),
  prepareForCreate(_context, object) {
    object.status = { replicas: 0 };
    object.metadata.generation = 1;
  },
  validate: async (context, object) =>
    (await loadRules()).validateReplicationController(
      object,
      podTemplateValidationOptions(context, undefined),
    ),
  warningsOnCreate: async (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...(await loadWarnings()).warningsForPodTemplate(spec?.template, FieldPath.of('spec', 'template')),
  ],
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  async validateUpdate(context, object, old) {
    const rules = await loadRules();
    const options = podTemplateValidationOptions(context, old.spec?.template);
    return [
      ...rules.validateReplicationController(object, options),
      ...rules.validateUnconvertible(object, old),
    ];
  },
  // Upstream checks the old template.
  warningsOnUpdate: async (_context, { metadata }, old) =>
    metadata.generation === old.metadata.generation
      ? []
      : (await loadWarnings()).warningsForPodTemplate(old.spec?.template, FieldPath.of('spec', 'template')),
  // Its clients predate garbage collection.
  defaultGarbageCollectionPolicy: 'orphan',
};

export const replicationControllerStatusStrategy: RESTStrategy<ReplicationController> = {
  ...replicationControllerStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, { status }) =>
    (await loadRules()).validateReplicationControllerStatus(status ?? { replicas: 0 }, STATUS),
  warningsOnUpdate: () => [],
};
