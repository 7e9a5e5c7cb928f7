/** Rules for files that secrets, config maps and the downward API provide in a volume. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidUserID } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { DownwardAPIVolumeFile, KeyToPath } from '../v1/types.ts';
import {
  VOLUME_FIELD_PATHS,
  validateContainerResourceFieldSelector,
  validateObjectFieldSelector,
} from './field-selectors.ts';
import { invalidEach } from './helpers.ts';
import { validateLocalNonReservedPath } from './paths.ts';

const MAX_MODE = 0o777;
const MAX_FOLDER_MODE = 0o1777;
const FOLDER_MODE_ERROR = 'must be a number between 0 and 01777 (octal), both inclusive';
const MODE_ERROR = 'must be a number between 0 and 0777 (octal), both inclusive';

/** The owner of a file. */
export function validateFileUser(user: number | undefined, path: FieldPath): FieldError[] {
  return user === undefined ? [] : invalidEach(path, user, isValidUserID(user));
}

export function validateFileMode(mode: number | undefined, path: FieldPath): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= MAX_MODE)) return [];
  return [invalid(path, mode, MODE_ERROR)];
}

/** For a directory, whose files may be restricted to their owners. */
export function validateFolderMode(mode: number | undefined, path: FieldPath): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= MAX_FOLDER_MODE)) return [];
  return [invalid(path, mode, FOLDER_MODE_ERROR)];
}

export function validateKeyToPath(item: KeyToPath, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!item.key) errors.push(required(path.child('key'), ''));
  if (!item.path) errors.push(required(path.child('path'), ''));
  return [
    ...errors,
    ...validateLocalNonReservedPath(item.path, path.child('path')),
    ...validateFileMode(item.mode, path.child('mode')),
    ...validateFileUser(item.user, path.child('user')),
  ];
}

export function validateKeysToPaths(items: readonly KeyToPath[] | undefined, path: FieldPath): FieldError[] {
  return (items ?? []).flatMap((item, index) => validateKeyToPath(item, path.index(index)));
}

export function validateDownwardAPIVolumeFile(file: DownwardAPIVolumeFile, path: FieldPath): FieldError[] {
  const errors = file.path ? [] : [required(path.child('path'), '')];
  appendAll(errors, validateLocalNonReservedPath(file.path, path.child('path')));
  if (file.fieldRef) {
    appendAll(errors, validateObjectFieldSelector(file.fieldRef, VOLUME_FIELD_PATHS, path.child('fieldRef')));
    if (file.resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalid(path, 'resource', detail));
    }
  } else if (file.resourceFieldRef) {
    const at = path.child('resourceFieldRef');
    appendAll(errors, validateContainerResourceFieldSelector(file.resourceFieldRef, at, 'volume'));
  } else {
    errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  return [
    ...errors,
    ...validateFileMode(file.mode, path.child('mode')),
    ...validateFileUser(file.user, path.child('user')),
  ];
}
