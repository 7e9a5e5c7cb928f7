/**
 * `shardSelector` of lists and watches, with the gate ShardedListAndWatch: selects objects by ranges of a hash
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/sharding/parser.go,
 * https://github.com/kubernetes/apimachinery/tree/master/pkg/sharding).
 */

import { type CallExpr, type Expr, OPERATOR } from '../cel/ast.ts';
import { parse } from '../cel/parser.ts';
import { Uint, type Value } from '../cel/value.ts';
import { quote } from '../runtime/go-format.ts';
import type { SelectionAttributes } from '../storage/selection-predicate.ts';
import type { ShardSelector } from './rest-storage.ts';

type Attributes = Pick<SelectionAttributes, 'namespace' | 'uid'>;

/** Fields that can be hashed, with their values. */
const FIELDS: ReadonlyMap<string, (of: Attributes) => string> = new Map([
  ['object.metadata.uid', ({ uid }) => uid],
  ['object.metadata.namespace', ({ namespace }) => namespace],
]);

/** The exclusive upper bound of all hashes: 2^64. */
const END_OF_ALL = '0x10000000000000000';

interface ShardRange {
  readonly field: string;
  /** Inclusive; 16 hexadecimal digits after `0x`. */
  readonly start: string;
  /** Exclusive. */
  readonly end: string;
}

/** cel-go's numbers of expression kinds, which errors contain. */
const KINDS: Readonly<Record<Expr['kind'], number>> = {
  call: 1,
  comprehension: 2,
  ident: 3,
  list: 4,
  literal: 5,
  map: 6,
  select: 7,
  struct: 8,
};

/** Go's name for the type of a literal. */
function goTypeOf(value: Value): string {
  if (value instanceof Uint) return 'uint64';
  if (value instanceof Uint8Array) return '[]uint8';
  const names: Readonly<Record<string, string>> = { bigint: 'int64', boolean: 'bool', number: 'float64' };
  return names[typeof value] ?? 'structpb.NullValue';
}

/** Throws Error with upstream's text. */
export function parseShardSelector(text: string): ShardSelector {
  const trimmed = text.trim();
  if (trimmed === '') {
    throw new Error('empty shard selector is not allowed; omit the parameter for unfiltered lists');
  }
  const { expr, issues } = parse(trimmed, { macros: [], optionalSyntax: false });
  if (expr === undefined) throw new Error(`CEL parse error: ${issues[0]!.message}`);
  const ranges = rangesOf(expr);
  const [{ field }] = ranges as [ShardRange, ...ShardRange[]];
  for (const other of ranges) {
    if (other.field === field) continue;
    throw new Error(
      `all shard ranges must use the same field, got ${quote(field)} and ${quote(other.field)}`,
    );
  }
  const read = FIELDS.get(field)!;
  return {
    text: ranges.map(({ start, end }) => `shardRange(${field}, '${start}', '${end}')`).join(' || '),
    matches: (attributes) => {
      const hash = `0x${hashOf(read(attributes))}`;
      return ranges.some(({ start, end }) => !isLess(hash, start) && isLess(hash, end));
    },
  };
}

function rangesOf(expr: Expr): ShardRange[] {
  if (expr.kind !== 'call') {
    throw new Error(
      `unexpected expression kind ${KINDS[expr.kind]}; expected shardRange() call or || operator`,
    );
  }
  if (expr.function === OPERATOR.or) return expr.args.flatMap(rangesOf);
  if (expr.function === 'shardRange') return [rangeOf(expr)];
  throw new Error(`unsupported function ${quote(expr.function)}; only shardRange() and || are allowed`);
}

function rangeOf({ args }: CallExpr): ShardRange {
  const [path, from, to] = args;
  if (args.length !== 3) throw new Error(`shardRange() requires exactly 3 arguments, got ${args.length}`);
  const field = fieldOf(path!);
  if (!FIELDS.has(field)) {
    throw new Error(`unsupported field path ${quote(field)}; supported: ${[...FIELDS.keys()].join(', ')}`);
  }
  const [start, end] = [hexOf(from!, 'hexStart'), hexOf(to!, 'hexEnd')];
  if (!isLess(start, end)) throw new Error(`shard range start ${start} must be less than end ${end}`);
  return { field, start, end };
}

function fieldOf(expr: Expr): string {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind === 'select') return `${fieldOf(expr.operand)}.${expr.field}`;
  const why = `expected field path (e.g. object.metadata.uid), got expression kind ${KINDS[expr.kind]}`;
  throw new Error(`shardRange() first argument: ${why}`);
}

function hexOf(expr: Expr, name: string): string {
  if (expr.kind !== 'literal') {
    throw new Error(
      `${name} must be a string literal (e.g. '0xff'), got expression kind ${KINDS[expr.kind]}`,
    );
  }
  const { value } = expr;
  if (typeof value !== 'string') {
    throw new Error(`${name} must be a string literal, got ${goTypeOf(value)}`);
  }
  if (!value.startsWith('0x')) throw new Error(`${name} must have '0x' prefix, got ${quote(value)}`);
  const hex = value.slice(2);
  if (hex === '') throw new Error(`${name}: hex value is required after '0x'`);
  const { length } = Buffer.from(hex);
  if (length > 17) throw new Error(`${name}: hex value too long (${length} chars, max 17): ${quote(hex)}`);
  const stranger = [...hex].find((digit) => !/[0-9a-f]/.test(digit));
  if (stranger !== undefined) {
    throw new Error(`${name}: invalid hex character ${quote(stranger)} in ${quote(value)}`);
  }
  if (length === 17 && value !== END_OF_ALL) {
    throw new Error(`${name}: 17-digit hex value must be '${END_OF_ALL}' (2^64), got ${quote(value)}`);
  }
  if (length < 16) {
    const meant = quote(`0x${hex.padStart(16, '0')}`);
    throw new Error(
      `${name} must be a 0x-prefixed 16-digit hex value, got ${quote(value)} (did you mean ${meant}?)`,
    );
  }
  return value;
}

/** Compares numbers that `hexOf` has validated. */
function isLess(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

/** 64-bit FNV-1a as 16 hexadecimal digits. Computed in two halves, because numbers are exact to 53 bits only. */
export function hashOf(value: string): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of Buffer.from(value)) {
    low = (low ^ byte) >>> 0;
    // Multiplies by 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
