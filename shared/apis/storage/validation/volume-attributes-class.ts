import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, forbidden, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { VolumeAttributesClass } from '../v1/types.ts';
import { validateParameters, validateProvisioner } from './parameters.ts';

const DRIVER_NAME = FieldPath.of('driverName');
const PARAMETERS = FieldPath.of('parameters');

export function validateVolumeAttributesClass({
  driverName,
  parameters,
}: VolumeAttributesClass): FieldError[] {
  const hasNone = Object.keys(parameters ?? {}).length === 0;
  return [
    ...validateProvisioner(driverName, DRIVER_NAME),
    ...validateParameters(parameters, PARAMETERS),
    ...(hasNone ? [required(PARAMETERS, 'must contain at least one key/value pair')] : []),
  ];
}

export function validateVolumeAttributesClassUpdate(
  attributesClass: VolumeAttributesClass,
  old: VolumeAttributesClass,
): FieldError[] {
  const errors: FieldError[] = [];
  if (attributesClass.driverName !== old.driverName) {
    errors.push(forbidden(DRIVER_NAME, 'updates to driverName are forbidden.'));
  }
  if (!semanticDeepEqual(attributesClass.parameters, old.parameters)) {
    errors.push(forbidden(PARAMETERS, 'updates to parameters are forbidden.'));
  }
  return errors.concat(validateVolumeAttributesClass(attributesClass));
}
