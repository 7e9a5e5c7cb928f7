/**
 * What the rules of a definition may cost at worst
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/cel_validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { formatFixed } from '../../runtime/go-format.ts';
import { additionalPropertiesOf } from '../schema/json-schema-props.ts';

/** Of one expression, and of all rules of a schema, in CEL's cost units. */
export const EXPRESSION_COST_LIMIT = 10_000_000;
export const DEFINITION_COST_LIMIT = 100_000_000;

/** Costs are Go's uint64: they stop growing here. */
const MAX_COST = 2 ** 64;
const MAX_SHOWN = 4;

export const multiplyCost = (cost: number, times: number): number => Math.min(cost * times, MAX_COST);

/** How often values below `schema` can stand in one value of it; undefined: there is no limit. */
export function maxElements(schema: JSONSchemaProps): number | undefined {
  if (schema.type === 'array')
    return schema.maxItems === undefined ? undefined : Math.max(0, schema.maxItems);
  if (schema.type !== 'object' || additionalPropertiesOf(schema) === undefined) return 1;
  return schema.maxProperties === undefined ? undefined : Math.max(0, schema.maxProperties);
}

export class TotalCost {
  #total = 0;
  #mostExpensive: { readonly path: FieldPath; readonly cost: number }[] = [];

  get total(): number {
    return this.#total;
  }

  /** The rules worth looking at, dearest first. */
  get mostExpensive(): readonly FieldPath[] {
    return this.#mostExpensive.map(({ path }) => path);
  }

  add(path: FieldPath, cost: number): void {
    this.#total = Math.min(this.#total + cost, MAX_COST);
    if (cost < DEFINITION_COST_LIMIT / 100) return;
    const all = [...this.#mostExpensive, { path, cost }].sort((a, b) => b.cost - a.cost);
    this.#mostExpensive = all.slice(0, MAX_SHOWN);
  }
}

export function costError(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown =
    factor > 100
      ? 'more than 100x'
      : factor < 1.5
        ? `${formatFixed(factor, 6)}x`
        : `${formatFixed(factor, 1)}x`;
  return `${name} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
