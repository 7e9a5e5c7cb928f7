/**
 * The expression language of the column table: `path`, `path|fallback` (if absent or empty), `path??fallback` (if
 * absent), `age(path)`, `count(path)`, `join(path, "separator")`, `labels(path)`, `labelSelector(path)`, `text(path)`
 * (for numbers), `rule:name`. A path is `a.b[0].c`, `a[].b` (all elements) or `a[type=Ready].b` (elements selected by a
 * field).
 */

import { asUnstructured, type UnstructuredObject } from '../../meta/kube-object.ts';
import { formatLabelSelector } from '../../meta/labels.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { age } from './age.ts';
import { type Cell, type CellRule, type CellSource, formatLabels } from './cell.ts';
import { CELL_RULES } from './rules.ts';

/** The value of an empty cell by column type: Go's zero value. */
const ZERO: Readonly<Record<string, Cell>> = { integer: 0, boolean: false, string: '' };

type Step = {
  readonly name: string;
  readonly select?: { readonly index: number } | { readonly field: string; readonly value: string } | 'all';
};

function parsePath(path: string): Step[] {
  return [...path.matchAll(/([^.[\]]+)(?:\[([^\]]*)\])?(?:\.|$)/g)].map(([, name, selector]) => {
    if (selector === undefined) return { name: name! };
    if (selector === '') return { name: name!, select: 'all' as const };
    const [field, value] = selector.split('=');
    return value === undefined
      ? { name: name!, select: { index: Number(selector) } }
      : { name: name!, select: { field: field!, value } };
  });
}

/** Returns all values at a path; absent ones are omitted. */
function compilePath(path: string): (object: UnstructuredObject) => unknown[] {
  const steps = parsePath(path);
  return (object) =>
    steps.reduce<unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [object]);
}

function follow(value: unknown, { name, select }: Step): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  const found = (value as Record<string, unknown>)[name];
  if (found === undefined || found === null) return [];
  if (select === undefined) return [found];
  if (!Array.isArray(found)) return [];
  if (select === 'all') return found;
  if ('index' in select) return found[select.index] === undefined ? [] : [found[select.index]];
  return found.filter((element) => asUnstructured(element)[select.field] === select.value);
}

const FUNCTIONS: Readonly<
  Record<string, (values: unknown[], argument: string | undefined) => CellSource | undefined>
> = {
  age: (values) => age(values[0] as string | undefined),
  count: ([value]) =>
    value === undefined ? 0 : Array.isArray(value) ? value.length : Object.keys(value as object).length,
  join: (values, separator = ',') => values.flat().join(separator) || undefined,
  text: ([value]) => (value === undefined ? undefined : String(value)),
  labels: ([value]) => formatLabels(value as Record<string, string> | undefined),
  labelSelector: ([value]) => formatLabelSelector(value as LabelSelector | undefined),
};

function toCell(value: unknown): Cell {
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? stringifyJSON(value) : (value as Cell);
}

/** Go's zero values that aren't text. */
const LITERALS: Readonly<Record<string, Cell>> = { '0': 0, false: false, true: true };

const literal = (text: string): Cell => (Object.hasOwn(LITERALS, text) ? LITERALS[text]! : text);

/** Compiles an expression for a column of the given type. Throws for unknown rules and functions. */
export function compileCell(expression: string, type: string): CellRule {
  const [, source, operator, fallbackText] = /^(.*?)(?:(\||\?\?)(.*))?$/.exec(expression) as unknown as [
    string,
    string,
    string | undefined,
    string | undefined,
  ];
  if (source.startsWith('rule:')) {
    const computed = CELL_RULES[source.slice('rule:'.length)];
    if (computed === undefined) throw new Error(`no cell rule ${source}`);
    return computed;
  }
  const call = /^(\w+)\(([^,)]+)(?:, "(.*)")?\)$/.exec(source);
  const valuesOf = compilePath(call === null ? source : call[2]!);
  const isText = call?.[1] === 'text';
  const fallback =
    fallbackText === undefined ? (ZERO[type] ?? '') : isText ? fallbackText : literal(fallbackText);
  if (call === null) {
    const keepsEmpty = operator === '??';
    return (object) => {
      const [value] = valuesOf(object);
      return value === undefined || (value === '' && !keepsEmpty) ? fallback : toCell(value);
    };
  }
  const compute = FUNCTIONS[call[1]!];
  if (compute === undefined) throw new Error(`no cell function ${call[1]}`);
  return (object) => {
    const values = valuesOf(object);
    if (values.length === 0 && fallbackText !== undefined) return fallback;
    return compute(values, call[3]) ?? fallback;
  };
}
