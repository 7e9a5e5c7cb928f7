import { covered, type FieldError, invalid, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { isJSONObject } from '../../../util/json.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { DeviceConfiguration } from '../v1/types.ts';

const MAX_DATA_SIZE = 10 * 1024;

/** `stored` data may exceed the size limit. */
export function validateRawExtension(data: unknown, path: FieldPath, stored = false): FieldError[] {
  if (data === undefined || data === null) return [required(path, '')];
  if (!stored && byteLength(stringifyJSON(data)) > MAX_DATA_SIZE) return [tooLong(path, MAX_DATA_SIZE)];
  return isJSONObject(data) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}

export function validateDeviceConfiguration(
  { opaque }: DeviceConfiguration,
  path: FieldPath,
  stored = false,
): FieldError[] {
  const at = path.child('opaque');
  if (!opaque) return [required(at, '')];
  return [
    ...covered(validateCSIDriverName(opaque.driver, at.child('driver'))),
    ...validateRawExtension(opaque.parameters, at.child('parameters'), stored),
  ];
}
