/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { covered, type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isExtendedResourceName } from '../../core/resource-names.ts';
import type { DeviceClass } from '../v1/types.ts';
import { validateList } from './collections.ts';
import { MAX_CONFIGURATIONS } from './device-claim.ts';
import { validateDeviceConfiguration } from './device-configuration.ts';
import { type DeviceRules, validateSelectors } from './device-selector.ts';

const SPEC = FieldPath.of('spec');

export function validateDeviceClass(
  { spec }: DeviceClass,
  old: DeviceClass | undefined,
  rules: DeviceRules,
): FieldError[] {
  const { selectors, config, extendedResourceName: name } = spec;
  const isStored = old !== undefined && semanticDeepEqual(config, old.spec.config);
  const errors = [
    ...validateSelectors(selectors, SPEC.child('selectors'), rules),
    ...validateList(
      config,
      MAX_CONFIGURATIONS,
      (configuration, path) => validateDeviceConfiguration(configuration, path, isStored),
      SPEC.child('config'),
    ),
  ];
  if (name === undefined || isExtendedResourceName(name)) return errors;
  const detail = 'must be a valid extended resource name';
  return [...errors, ...covered([invalid(SPEC.child('extendedResourceName'), name, detail)])];
}
