import { type FieldError, invalid, invalidEach, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';

const MAX_SIZE = 256 * 1024;
const MAX_PARAMETERS = 512;

/** The name of a provisioner: a case-insensitive qualified name. */
export function validateProvisioner(provisioner: string, path: FieldPath): FieldError[] {
  if (provisioner === '') return [required(path, '')];
  const lower = provisioner.toLowerCase();
  return invalidEach(path, lower, isQualifiedName(lower));
}

export function mapSize(map: Readonly<Record<string, string>> | undefined): number {
  return Object.entries(map ?? {}).reduce(
    (size, [key, value]) => size + byteLength(key) + byteLength(value),
    0,
  );
}

export function validateParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  const keys = Object.keys(parameters ?? {});
  if (keys.length > MAX_PARAMETERS) return [tooLong(path, MAX_PARAMETERS)];
  const errors: FieldError[] = [];
  if (keys.includes('')) errors.push(invalid(path, '', 'field can not be empty.'));
  if (mapSize(parameters) > MAX_SIZE) errors.push(tooLong(path, MAX_SIZE));
  return errors;
}
