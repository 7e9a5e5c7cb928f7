/** Rules for config maps. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, forbidden, invalid, tooLong } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isConfigMapKey } from '../../../meta/validation/keys.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { ConfigMap } from '../v1/types.ts';
import { invalidEach, WHOLE } from './helpers.ts';
import { decodedLength, IMMUTABLE, MAX_SECRET_SIZE } from './secrets.ts';

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  const isGood = (key: string): boolean => isConfigMapKey(key).length === 0;
  for (const key of sortedUnless(data, (key) => isGood(key) && !Object.hasOwn(binaryData, key))) {
    const at = FieldPath.of('data').key(key);
    appendAll(errors, invalidEach(at, key, isConfigMapKey(key)));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalid(at, key, 'duplicate of key present in binaryData'));
    }
  }
  for (const key of sortedUnless(binaryData, isGood)) {
    appendAll(errors, invalidEach(FieldPath.of('binaryData').key(key), key, isConfigMapKey(key)));
  }
  let size = 0;
  for (const value of Object.values(data)) size += byteLength(value);
  for (const value of Object.values(binaryData)) size += decodedLength(value);
  // The error refers to the whole object rather than a field.
  if (size > MAX_SECRET_SIZE) errors.push(tooLong(WHOLE, MAX_SECRET_SIZE));
  return errors;
}

/** The invalid keys, sorted. Valid keys, usually the majority, need no sorting. */
function sortedUnless(map: object, isGood: (key: string) => boolean): string[] {
  return Object.keys(map)
    .filter((key) => !isGood(key))
    .sort();
}

export function validateConfigMapUpdate(config: ConfigMap, old: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (old.immutable) {
    if (!config.immutable) errors.push(forbidden('immutable', IMMUTABLE));
    for (const field of ['data', 'binaryData'] as const) {
      if (!semanticDeepEqual(config[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, IMMUTABLE));
    }
  }
  return [...errors, ...validateConfigMap(config)];
}
