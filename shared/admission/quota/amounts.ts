/** Arithmetic over amounts of named resources (https://github.com/kubernetes/apiserver/blob/master/pkg/quota/v1/resources.go). */

import { Quantity } from '../../runtime/quantity.ts';

export type Amounts = ReadonlyMap<string, Quantity>;

export const ONE = Quantity.fromInteger(1);

export function formatAmounts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amount.toString()]));
}

/** Formatted for messages: `cpu=1,pods=2`, sorted by name. */
export function prettyPrint(amounts: Amounts): string {
  const entries = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, amount]) => `${name}=${amount}`).join(',');
}

export function addAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, sum.get(name)?.add(amount) ?? amount);
  return sum;
}

/** The maximum of both for each name in either. */
export function greaterAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  const greater = new Map(a);
  for (const [name, amount] of b) {
    const other = greater.get(name);
    if (other === undefined || amount.cmp(other) > 0) greater.set(name, amount);
  }
  return greater;
}

/** `a` minus `b`, at least zero. */
export function excessOver(a: Amounts, b: Amounts): Map<string, Quantity> {
  const excess = new Map<string, Quantity>();
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const difference = (a.get(name) ?? Quantity.zero).sub(b.get(name) ?? Quantity.zero);
    excess.set(name, difference.sign > 0 ? difference : Quantity.zero);
  }
  return excess;
}

export function pick(amounts: Amounts, wanted: (name: string, amount: Quantity) => boolean): Amounts {
  return new Map([...amounts].filter(([name, amount]) => wanted(name, amount)));
}

export function equalAmounts(a: Amounts, b: Amounts): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name)?.cmp(amount) === 0);
}
