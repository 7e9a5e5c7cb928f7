/**
 * Removes fields from a value (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/remove.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { setOwn } from '../../util/json.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import {
  asList,
  asRecord,
  DEDUCED,
  elementOf,
  fieldSchemaOf,
  formOf,
  isEmptyIn,
  type JSONRecord,
} from './typed-value.ts';

/**
 * The value without the fields of the set. A map or list that becomes empty is null, because others may still own it;
 * typed decoding or pruning drops it later. Doesn't modify its argument.
 */
export function removeItems(value: unknown, set: FieldSet, schema: TypeSchema): unknown {
  const form = formOf(schema, value);
  if (form === 'leaf') return Array.isArray(value) || isContainer(schema) ? null : value;
  if (isEmptyIn(form, value)) return null;
  return form === 'map'
    ? removeFields(value, set, schema)
    : removeListItems(value, set, schema as ListSchema);
}

const isContainer = ({ kind }: TypeSchema): boolean => kind === 'struct' || kind === 'map' || kind === 'list';

function removeFields(value: unknown, set: FieldSet, schema: TypeSchema): JSONRecord | null {
  const kept: JSONRecord = {};
  const whole = asRecord(value);
  for (const key of Object.keys(whole)) {
    const member = whole[key];
    const element = fieldElement(key);
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    const rest =
      below === undefined ? member : removeItems(member, below, fieldSchemaOf(schema, key) ?? DEDUCED);
    setOwn(kept, key, rest);
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function removeListItems(value: unknown, set: FieldSet, schema: ListSchema): unknown[] | null {
  const kept: unknown[] = [];
  for (const item of asList(value)) {
    const element = elementOf(schema, item);
    if (element !== undefined && set.members.has(element)) continue;
    const below = element === undefined ? undefined : set.children.get(element);
    kept.push(below === undefined ? item : removeItems(item, below, schema.element));
  }
  return kept.length > 0 ? kept : null;
}
