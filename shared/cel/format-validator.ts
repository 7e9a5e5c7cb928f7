/**
 * Checks constant templates of `format` against the types of their arguments (`stringFormatValidator` in
 * https://github.com/google/cel-go/blob/master/ext/formatting.go).
 */

import { type CallExpr, type Expr, walk } from './ast.ts';
import type { Checked } from './checker.ts';
import type { CompileIssue } from './error.ts';
import { expandFormat, FORMATTING, FormatError, unfit, type Verb } from './library/format-template.ts';
import type { TypeKind } from './type.ts';

const INTEGERS: readonly TypeKind[] = ['int', 'uint'];
/** Strings may be "NaN" or "Infinity". */
const DOUBLES: readonly TypeKind[] = ['double', 'string'];
const DIGITS: readonly TypeKind[] = [...INTEGERS, 'string', 'bytes'];

const KINDS: Readonly<Record<Verb, readonly TypeKind[]>> = {
  s: [
    'list',
    'map',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'timestamp',
    'bytes',
    'duration',
    'type',
    'null',
  ],
  d: INTEGERS,
  f: DOUBLES,
  e: DOUBLES,
  b: [...INTEGERS, 'bool'],
  o: INTEGERS,
  x: DIGITS,
  X: DIGITS,
};

export function formatIssues({ expr, types }: Checked): CompileIssue[] {
  const issues: CompileIssue[] = [];

  const isFit = (verb: Verb, node: Expr): boolean => {
    const { kind } = types.get(node)!;
    return kind === 'dyn' || KINDS[verb].includes(kind);
  };
  /** The part of an argument that the clause can't format. */
  const misfit = (verb: Verb, node: Expr): Expr | undefined => {
    if (!isFit(verb, node)) return node;
    if (verb !== 's') return undefined;
    return firstOf(partsOf(node), (part) => misfit(verb, part));
  };
  const check = (call: CallExpr, template: string, args: readonly Expr[]): void => {
    let seen = 0;
    expandFormat(template, args.length, ({ verb }, index) => {
      seen++;
      const wrong = misfit(verb, args[index]!);
      if (wrong === undefined) return '';
      throw new FormatError(unfit(verb, types.get(wrong)!.name), wrong.pos).within(FORMATTING);
    });
    if (args.length <= seen) return;
    const message = `too many arguments supplied to string.format (expected ${seen}, got ${args.length})`;
    issues.push({ pos: call.pos, message });
  };

  walk(expr, (node) => {
    if (node.kind !== 'call' || node.function !== 'format') return;
    const { target, args } = node;
    const [list] = args;
    if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return;
    try {
      check(node, target.value, list.elements);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      issues.push({ pos: (error.where as number | undefined) ?? node.pos, message: error.message });
    }
  });
  return issues;
}

function partsOf(node: Expr): readonly Expr[] {
  if (node.kind === 'list') return node.elements;
  return node.kind === 'map' ? node.entries.flatMap(({ key, value }) => [key, value]) : [];
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
