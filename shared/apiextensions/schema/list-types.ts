/**
 * Lists of type set have no equal items, lists of type map no equal keys
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/listtype/validation.go).
 */

import { duplicate, type FieldError, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';
import { isJSONObject, setOwn, sortedKeys } from '../../util/json.ts';
import { childOf, keyOf } from './paths.ts';
import type { Structural } from './structural.ts';

/** `path` undefined: the value is a whole object. */
export function validateListSetsAndMaps(
  path: FieldPath | undefined,
  schema: Structural | undefined,
  value: unknown,
): FieldError[] {
  const errors: FieldError[] = [];
  if (schema !== undefined) validate(path, { schema, value, errors });
  return errors;
}

interface Node {
  readonly schema: Structural;
  readonly value: unknown;
  readonly errors: FieldError[];
}

function validate(path: FieldPath | undefined, { schema, value, errors }: Node): void {
  if (!schema.contains.listTypes) return;
  if (Array.isArray(value)) {
    if (schema.listType === 'set') {
      for (const index of repeated(value)) errors.push(duplicate(path!.index(index), value[index]));
    } else if (schema.listType === 'map')
      appendAll(errors, validateListMap(path!, schema.listMapKeys, value));
    const { items } = schema;
    if (items === undefined) return;
    for (let index = 0; index < value.length; index++) {
      validate(path!.index(index), { schema: items, value: value[index], errors });
    }
  } else if (isJSONObject(value)) {
    for (const key of sortedKeys(value)) {
      const property = schema.properties.get(key);
      if (property !== undefined)
        validate(childOf(path, key), { schema: property, value: value[key], errors });
      else if (typeof schema.additionalProperties === 'object') {
        validate(keyOf(path, key), { schema: schema.additionalProperties, value: value[key], errors });
      }
    }
  }
}

/** A text that is the same for equal values only. */
function identity(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(identity).join(',')}]`;
  if (isJSONObject(value)) {
    const fields = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${identity(value[key])}`);
    return `{${fields.join(',')}}`;
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'undefined');
}

/** The index at which each repeated value stands for the second time. */
function repeated(values: readonly unknown[]): number[] {
  if (values.length <= 1) return [];
  const times = new Map<string, number>();
  const indices: number[] = [];
  for (const [index, value] of values.entries()) {
    const key = identity(value);
    const seen = times.get(key) ?? 0;
    if (seen === 1) indices.push(index);
    times.set(key, seen + 1);
  }
  return indices;
}

function validateListMap(path: FieldPath, keys: readonly string[], list: readonly unknown[]): FieldError[] {
  const odd = list.findIndex((element) => element !== null && !isJSONObject(element));
  if (odd !== -1) {
    return [invalid(path.index(odd), list[odd], 'must be an object for an array of list-type map')];
  }
  const identities = list.map((element) => {
    const identifying: Record<string, unknown> = {};
    if (!isJSONObject(element)) return identifying;
    for (const key of keys) if (Object.hasOwn(element, key)) setOwn(identifying, key, element[key]);
    return identifying;
  });
  return repeated(identities).map((index) => duplicate(path.index(index), identities[index]));
}
