/**
 * A value and its old value, for validation that tolerates errors in unchanged values (ratcheting)
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/equality.go).
 */

import { isJSONObject } from '../../util/json.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { MapList } from '../schema/map-list.ts';
import { fieldSchema, type Structural } from '../schema/structural.ts';

export class CorrelatedObject {
  readonly value: unknown;
  readonly oldValue: unknown;
  readonly schema: Structural;
  readonly #children = new Map<string | number, CorrelatedObject | undefined>();
  #unchanged: boolean | undefined;
  #oldItems: MapList | undefined;

  constructor(value: unknown, oldValue: unknown, schema: Structural) {
    this.value = value;
    this.oldValue = oldValue;
    this.schema = schema;
  }

  /**
   * Whether neither the value nor anything inside it has changed. Items of lists of type map may be reordered; an
   * object with fields that the schema doesn't specify counts as changed.
   */
  unchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  #compare(): boolean {
    const { value, oldValue } = this;
    if (Array.isArray(value) && Array.isArray(oldValue)) {
      if (value.length !== oldValue.length) return false;
      if (this.schema.listType !== 'map') return equalJSON(value, oldValue);
      return value.every((_, index) => this.index(index)?.unchanged() ?? false);
    }
    if (isJSONObject(value) && isJSONObject(oldValue)) {
      const keys = Object.keys(value);
      if (keys.length !== Object.keys(oldValue).length) return false;
      return keys.every((key) => this.key(key)?.unchanged() ?? false);
    }
    return equalJSON(value, oldValue);
  }

  /** A field that existed before; undefined if it didn't or isn't specified. */
  key(name: string): CorrelatedObject | undefined {
    return this.#child(name, () => {
      const { value, oldValue } = this;
      if (!isJSONObject(value) || !isJSONObject(oldValue)) return undefined;
      if (!Object.hasOwn(value, name) || !Object.hasOwn(oldValue, name)) return undefined;
      const schema = fieldSchema(this.schema, name);
      return schema && new CorrelatedObject(value[name], oldValue[name], schema);
    });
  }

  /** The old item with the same keys, in a list of type map; undefined in other lists. */
  index(index: number): CorrelatedObject | undefined {
    return this.#child(index, () => {
      const { value, oldValue, schema } = this;
      if (schema.listType !== 'map' || schema.items === undefined) return undefined;
      if (!Array.isArray(value) || !Array.isArray(oldValue)) return undefined;
      this.#oldItems ??= new MapList(schema, oldValue);
      const old = this.#oldItems.get(value[index]);
      return old && new CorrelatedObject(value[index], old, schema.items);
    });
  }

  #child(key: string | number, correlate: () => CorrelatedObject | undefined): CorrelatedObject | undefined {
    if (this.#children.has(key)) return this.#children.get(key);
    const child = correlate();
    this.#children.set(key, child);
    return child;
  }
}
