/**
 * Validates that lists of type set have distinct items and lists of type map distinct keys
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/listtype/validation.go).
 */

import { duplicate, type FieldError, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, setOwn, sortedKeys } from '../../util/json.ts';
import { childOf, keyOf } from './paths.ts';
import { repeatedItems } from './repeated-items.ts';
import type { Structural } from './structural.ts';

/** If `path` is undefined, the value is a whole object. */
export function* validateListSetsAndMaps(
  path: FieldPath | undefined,
  schema: Structural | undefined,
  value: unknown,
): Pieces<FieldError[]> {
  const errors: FieldError[] = [];
  if (schema?.contains.listTypes) yield* validate(path, { schema, value, errors });
  return errors;
}

interface Node {
  readonly schema: Structural;
  readonly value: unknown;
  readonly errors: FieldError[];
}

/** Requires a schema with such lists at or below the node. */
function* validate(path: FieldPath | undefined, { schema, value, errors }: Node): Pieces<void> {
  if (shouldYield()) yield;
  if (Array.isArray(value)) {
    if (schema.listType === 'set') {
      for (const index of yield* repeatedItems(value)) {
        errors.push(duplicate(path!.index(index), value[index]));
      }
    } else if (schema.listType === 'map') yield* validateListMap(path!, { schema, value, errors });
    const { items } = schema;
    if (!items?.contains.listTypes) return;
    for (let index = 0; index < value.length; index++) {
      yield* validate(path!.index(index), { schema: items, value: value[index], errors });
    }
  } else if (isJSONObject(value)) {
    for (const key of sortedKeys(value)) {
      const property = schema.properties.get(key);
      const child = property ?? schema.additionalProperties;
      if (typeof child !== 'object' || !child.contains.listTypes) continue;
      const at = property === undefined ? keyOf(path, key) : childOf(path, key);
      yield* validate(at, { schema: child, value: value[key], errors });
    }
  }
}

function* validateListMap(
  path: FieldPath,
  { schema, value, errors }: Node & { readonly value: readonly unknown[] },
): Pieces<void> {
  const odd = value.findIndex((element) => element !== null && !isJSONObject(element));
  if (odd !== -1) {
    errors.push(invalid(path.index(odd), value[odd], 'must be an object for an array of list-type map'));
    return;
  }
  const identities: Record<string, unknown>[] = [];
  for (const element of value) {
    const identifying: Record<string, unknown> = {};
    if (isJSONObject(element)) {
      for (const key of schema.listMapKeys) {
        if (Object.hasOwn(element, key)) setOwn(identifying, key, element[key]);
      }
    }
    identities.push(identifying);
    if (shouldYield()) yield;
  }
  for (const index of yield* repeatedItems(identities)) {
    errors.push(duplicate(path.index(index), identities[index]));
  }
}
