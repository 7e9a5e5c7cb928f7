import { type FieldError, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { isJSONObject } from '../../../util/json.ts';
import type { ControllerRevision } from '../v1/types.ts';

const DATA = FieldPath.of('data');

const validateRevision = ({ revision }: ControllerRevision): FieldError[] =>
  validateNonnegativeField(revision, FieldPath.of('revision'));

export function validateControllerRevision(revision: ControllerRevision): FieldError[] {
  const errors = validateRevision(revision);
  const { data } = revision;
  if (data === undefined || data === null) errors.push(required(DATA, 'data is mandatory'));
  else if (!isJSONObject(data)) errors.push(required(DATA, 'data must be a valid JSON object'));
  return errors;
}

export function validateControllerRevisionUpdate(
  revision: ControllerRevision,
  old: ControllerRevision,
): FieldError[] {
  return [...validateRevision(revision), ...validateImmutableField(revision.data, old.data, DATA)];
}
