/**
 * The fields that the creator of an object owns, which depend only on which fields it has: objects that are alike in
 * that, such as a controller's pods, share them.
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { ObjectNumbers } from '../../util/object-numbers.ts';
import type { FieldsV1 } from './field-set.ts';
import { asList, asRecord, DEDUCED, fieldSchemaOf, formOf, isEmptyIn, isRecord } from './typed-value.ts';

/** Objects with more values are not cached; a hundred characters count as a value. */
const MAX_VALUES = 400;
const CHARACTERS_OF_VALUE = 100;
const MAX_ENTRIES = 128;

/**
 * Shared by all tenants of the process: an entry has only field names and list keys, and only an object with the same
 * ones finds it. Null: the creator owns nothing.
 */
const known = new BoundedCache<string, FieldsV1 | null>({ max: MAX_ENTRIES });

const schemas = new ObjectNumbers();

/** A new object in its version, and what it is compared with. */
export interface NewObject {
  readonly value: unknown;
  /** The object without any fields set. */
  readonly before: unknown;
  readonly schema: TypeSchema;
  /** Identifies the resource, and the fields it does not track. */
  readonly resource: string;
}

/** The known fields of an object, and how to make them known. */
export interface KnownFields {
  readonly fields: FieldsV1 | null | undefined;
  /** Freezes `fields`: all such objects share them. */
  keep(fields: FieldsV1 | null): void;
}

/** Undefined for objects that are too large to look up. */
export function knownFields({ value, before, schema, resource }: NewObject): KnownFields | undefined {
  const shape = shapeOf(before, value, schema);
  if (shape === undefined) return undefined;
  const key = `${schemas.of(schema)} ${resource} ${stringifyJSON(before)} ${shape}`;
  return {
    fields: known.get(key),
    keep(fields) {
      if (fields !== null) freeze(fields);
      known.set(key, fields);
    },
  };
}

function freeze(fields: FieldsV1): void {
  Object.freeze(fields);
  for (const below of Object.values(fields)) freeze(below);
}

/**
 * A text that two values share only if `compare` finds the same fields added or modified in both since `before`;
 * undefined for large values.
 */
export function shapeOf(before: unknown, value: unknown, schema: TypeSchema): string | undefined {
  const shape = new Shape();
  shape.add(before, value, schema);
  return shape.values > MAX_VALUES ? undefined : shape.text;
}

class Shape {
  text = '';
  values = 0;

  add(before: unknown, value: unknown, schema: TypeSchema): void {
    if (++this.values > MAX_VALUES) return;
    const form = formOf(schema, value);
    const isWhole = form === 'leaf' || isEmptyIn(form, value);
    if (before === undefined) {
      if (isWhole) this.text += '.';
      else if (form === 'list') this.#addItems(value, schema);
      else this.#addFields({}, value, schema);
    } else if (isWhole || form === 'list' || formOf(schema, before) !== form) {
      this.#addWhole('=', value);
    } else this.#addFields(asRecord(before), value, schema);
  }

  /** Measured first: an atomic value can be most of the object. */
  #addWhole(prefix: string, value: unknown): void {
    this.values += valuesIn(value, MAX_VALUES - this.values);
    if (this.values <= MAX_VALUES) this.text += `${prefix}${stringifyJSON(value)}`;
  }

  /** Names are preceded by their length, so that none can be taken for something else. */
  #addFields(before: Record<string, unknown>, value: unknown, schema: TypeSchema): void {
    this.text += '{';
    const fields = asRecord(value);
    for (const name of Object.keys(fields)) {
      if (fields[name] === undefined) continue;
      this.values += name.length / CHARACTERS_OF_VALUE;
      if (this.values > MAX_VALUES) return;
      this.text += `${name.length}:${name}`;
      const was = Object.hasOwn(before, name) ? before[name] : undefined;
      this.add(was, fields[name], fieldSchemaOf(schema, name) ?? DEDUCED);
      if (this.values > MAX_VALUES) return;
    }
    this.text += '}';
  }

  /** Items of maps are named by their keys, those of sets by themselves. */
  #addItems(value: unknown, schema: TypeSchema): void {
    if (schema.kind !== 'list') return;
    this.text += '[';
    for (const item of asList(value)) {
      const isNamed = schema.listType === 'map' && isRecord(item);
      this.#addWhole('', isNamed ? schema.listMapKeys.map((key) => keyIn(item, key)) : item);
      this.add(undefined, item, schema.element);
      if (this.values > MAX_VALUES) return;
    }
    this.text += ']';
  }
}

/** The number of values within a value, or a larger number than `limit`. */
function valuesIn(value: unknown, limit: number): number {
  if (typeof value === 'string') return 1 + value.length / CHARACTERS_OF_VALUE;
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const key in value) {
    if (count > limit) break;
    count += key.length / CHARACTERS_OF_VALUE;
    count += valuesIn((value as Record<string, unknown>)[key], limit - count);
  }
  return count;
}

/** A key that is absent has its default, which an undefined one has not. */
function keyIn(item: Record<string, unknown>, key: string): readonly unknown[] | 0 | null {
  if (!Object.hasOwn(item, key)) return null;
  return item[key] === undefined ? 0 : [item[key]];
}
