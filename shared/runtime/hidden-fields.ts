/** Fields of objects that clients of an emulated release don't know and can't see. */

import { deepCopy } from '../util/deep-copy.ts';
import { equalJSON } from '../util/json-equal.ts';
import type { FieldSchema, StructSchema, TypeSchema } from './type-schema.ts';

type Struct = Record<string, unknown>;

/** Names of hidden fields by definition. */
export type HiddenNames = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING: ReadonlySet<string> = new Set();

const isStruct = (value: unknown): value is Struct =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export class HiddenFields {
  readonly #names: HiddenNames;
  /** Whether a struct contains hidden fields at any depth. */
  readonly #holds = new Map<string, boolean>();

  constructor(names: HiddenNames) {
    this.#names = names;
  }

  /** The hidden fields of the type itself. */
  of(definition: string): ReadonlySet<string> {
    return this.#names.get(definition) ?? NOTHING;
  }

  /** Whether values of the schema may contain hidden fields. */
  areIn(schema: TypeSchema): boolean {
    if (schema.kind === 'struct') return this.#areInStruct(schema);
    return (schema.kind === 'list' || schema.kind === 'map') && this.areIn(schema.element);
  }

  /** Removes hidden fields from `value`. */
  hide(schema: TypeSchema, value: unknown): void {
    if (!this.areIn(schema) || value === null || typeof value !== 'object') return;
    if (schema.kind !== 'struct') {
      for (const element of Object.values(value))
        this.hide((schema as { element: TypeSchema }).element, element);
      return;
    }
    for (const name of this.of(schema.name)) delete (value as Struct)[name];
    for (const field of schema.fields.values()) {
      if (Object.hasOwn(value, field.name)) this.hide(field.schema, (value as Struct)[field.name]);
    }
  }

  /**
   * Copies the hidden fields of `old` to `value`, which was written by a client that can't see them. Matches list
   * elements by their keys; elements without keys match if their visible parts are equal.
   */
  keep(schema: TypeSchema, value: unknown, old: unknown): void {
    if (!this.areIn(schema)) return;
    if (schema.kind === 'struct') {
      if (isStruct(value) && isStruct(old)) this.#keepInStruct(schema, value, old);
    } else if (schema.kind === 'map') {
      if (!isStruct(value) || !isStruct(old)) return;
      for (const [key, element] of Object.entries(value)) {
        if (Object.hasOwn(old, key)) this.keep(schema.element, element, old[key]);
      }
    } else if (schema.kind === 'list') this.#keepInList(schema.element, schema.listMapKeys, value, old);
  }

  #areInStruct(schema: StructSchema): boolean {
    const known = this.#holds.get(schema.name);
    if (known !== undefined && schema.name !== '') return known;
    const seen = new Set<string>();
    const visit = (at: TypeSchema): boolean => {
      if (at.kind === 'list' || at.kind === 'map') return visit(at.element);
      if (at.kind !== 'struct' || seen.has(at.name)) return false;
      seen.add(at.name);
      return this.of(at.name).size > 0 || [...at.fields.values()].some((field) => visit(field.schema));
    };
    const holds = visit(schema);
    this.#holds.set(schema.name, holds);
    return holds;
  }

  #keepInStruct(schema: StructSchema, value: Struct, old: Struct): void {
    for (const name of this.of(schema.name)) if (Object.hasOwn(old, name)) value[name] = old[name];
    for (const field of schema.fields.values()) {
      if (!Object.hasOwn(value, field.name) || !Object.hasOwn(old, field.name)) continue;
      const keys = mergeKeys(field);
      if (field.schema.kind === 'list' && keys.length > 0) {
        this.#keepInList(field.schema.element, keys, value[field.name], old[field.name]);
      } else this.keep(field.schema, value[field.name], old[field.name]);
    }
  }

  #keepInList(element: TypeSchema, keys: readonly string[], value: unknown, old: unknown): void {
    if (!this.areIn(element) || !Array.isArray(value) || !Array.isArray(old)) return;
    const left = [...old];
    const isSame =
      keys.length > 0
        ? sameKeys(keys)
        : (one: unknown, other: unknown) => this.#looksSame(element, one, other);
    for (const one of value) {
      const at = left.findIndex((other) => isSame(one, other));
      if (at >= 0) this.keep(element, one, left.splice(at, 1)[0]);
    }
  }

  #looksSame(schema: TypeSchema, one: unknown, other: unknown): boolean {
    const [a, b] = [deepCopy(one), deepCopy(other)];
    this.hide(schema, a);
    this.hide(schema, b);
    return equalJSON(a, b);
  }
}

function mergeKeys({ schema, patchMergeKey }: FieldSchema): readonly string[] {
  if (schema.kind !== 'list') return [];
  if (schema.listMapKeys.length > 0) return schema.listMapKeys;
  return patchMergeKey === undefined ? [] : [patchMergeKey];
}

const sameKeys =
  (keys: readonly string[]) =>
  (one: unknown, other: unknown): boolean =>
    isStruct(one) && isStruct(other) && keys.every((key) => equalJSON(one[key], other[key]));
