/**
 * Removes fields that a structural schema doesn't specify
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/pruning/algorithm.go).
 */

import { isJSONObject } from '../../util/json.ts';
import { EMPTY_STRUCTURAL, type Structural } from './structural.ts';
import type { UnknownFields } from './unknown-fields.ts';

/** Fields of a resource that its schema doesn't govern. */
const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const NO_FIELDS: ReadonlySet<string> = new Set();

const ownFields = (schema: Structural | undefined): ReadonlySet<string> =>
  schema?.embeddedResource ? META_FIELDS : NO_FIELDS;

/**
 * Prunes a resource in place, except for `apiVersion`, `kind` and `metadata`. An undefined schema specifies no fields.
 * Records removed fields in `unknown` if given.
 */
export function prune(resource: unknown, schema: Structural | undefined, unknown?: UnknownFields): void {
  new Pruner(unknown).prune(resource, schema ?? EMPTY_STRUCTURAL, META_FIELDS);
}

/** Prunes a value, which counts as a resource only if its schema says so. */
export function pruneValue(value: unknown, schema: Structural): void {
  new Pruner(undefined).prune(value, schema, ownFields(schema));
}

class Pruner {
  readonly #unknown: UnknownFields | undefined;

  constructor(unknown: UnknownFields | undefined) {
    this.#unknown = unknown;
  }

  /** `spared` fields are left alone. */
  prune(value: unknown, schema: Structural | undefined, spared: ReadonlySet<string>): void {
    if (schema?.preserveUnknownFields) this.#pruneKnown(value, schema, spared);
    else if (Array.isArray(value)) {
      this.#each(value, (element) => this.prune(element, schema?.items, ownFields(schema?.items)));
    } else if (isJSONObject(value)) {
      for (const key of Object.keys(value)) {
        if (spared.has(key)) continue;
        const child = schema?.properties.get(key) ?? schema?.additionalProperties;
        if (child !== undefined) this.#field(value, key, child);
        else {
          this.#unknown?.record(key);
          delete value[key];
        }
      }
    }
  }

  /** Prunes specified fields inside a value whose unknown fields are preserved. */
  #pruneKnown(value: unknown, schema: Structural | undefined, spared: ReadonlySet<string>): void {
    if (schema === undefined) return;
    if (Array.isArray(value)) {
      const { items } = schema;
      if (items === undefined) return;
      this.#each(value, (element) => this.#pruneKnown(element, items, ownFields(items)));
    } else if (isJSONObject(value)) {
      for (const key of Object.keys(value)) {
        if (spared.has(key)) continue;
        const child = schema.properties.get(key) ?? schema.additionalProperties;
        if (child !== undefined) this.#field(value, key, child);
      }
    }
  }

  #field(value: Record<string, unknown>, key: string, child: Structural | boolean): void {
    const inner = value[key];
    if (typeof inner !== 'object' || inner === null) return;
    const schema = typeof child === 'object' ? child : undefined;
    this.#unknown?.enterKey(key);
    this.prune(inner, schema, ownFields(schema));
    this.#unknown?.leave();
  }

  #each(list: readonly unknown[], visit: (element: unknown) => void): void {
    for (let index = 0; index < list.length; index++) {
      this.#unknown?.enterIndex(index);
      visit(list[index]);
      this.#unknown?.leave();
    }
  }
}
