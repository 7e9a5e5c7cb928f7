/**
 * Worst-case cost of a definition's rules
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/cel_validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { formatFixed } from '../../runtime/go-format.ts';
import { additionalPropertiesOf } from '../schema/json-schema-props.ts';

/** Limits for one expression and for all rules of a schema, in CEL cost units. */
export const EXPRESSION_COST_LIMIT = 10_000_000;
export const DEFINITION_COST_LIMIT = 100_000_000;

/** Saturation value, because costs are uint64 in Go. */
const MAX_COST = 2 ** 64;
const MAX_SHOWN = 4;

export const multiplyCost = (cost: number, times: number): number => Math.min(cost * times, MAX_COST);

/** Maximum number of child values in one value of `schema`; undefined if unlimited. */
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

  /** The paths of the most expensive rules, in descending order. */
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
