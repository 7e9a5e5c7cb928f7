import {
  type FieldError,
  invalid,
  invalidEach,
  required,
  tooLong,
  tooLongCharacters,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength, maxBytesError } from '../../../meta/validation/format.ts';
import { isDNS1123SubdomainCaseless } from '../../../meta/validation/names.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { isJSONObject } from '../../../util/json.ts';
import type { DeviceConfiguration } from '../v1/types.ts';

const MAX_DATA_SIZE = 10 * 1024;
const MAX_DRIVER_SIZE = 63;

/** `stored`: it is there already, however large. */
export function validateRawExtension(data: unknown, path: FieldPath, stored = false): FieldError[] {
  if (data === undefined || data === null) return [required(path, '')];
  if (!stored && byteLength(stringifyJSON(data)) > MAX_DATA_SIZE) return [tooLong(path, MAX_DATA_SIZE)];
  return isJSONObject(data) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}

function validateDriver(driver: string, path: FieldPath): FieldError[] {
  if (driver === '') return [required(path, '')];
  const errors = invalidEach(path, driver, isDNS1123SubdomainCaseless(driver, maxBytesError));
  return byteLength(driver) > MAX_DRIVER_SIZE
    ? [...errors, tooLongCharacters(path, MAX_DRIVER_SIZE)]
    : errors;
}

export function validateDeviceConfiguration(
  { opaque }: DeviceConfiguration,
  path: FieldPath,
  stored = false,
): FieldError[] {
  const at = path.child('opaque');
  if (!opaque) return [required(at, '')];
  // The driver's rules are declared upstream: their errors come last.
  return [
    ...validateRawExtension(opaque.parameters, at.child('parameters'), stored),
    ...validateDriver(opaque.driver, at.child('driver')),
  ];
}
