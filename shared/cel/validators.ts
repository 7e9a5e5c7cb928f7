/** Checks applied after type checking, as by Kubernetes' environments since 1.29. */

import { children, type Expr, walk } from './ast.ts';
import type { Checked } from './checker.ts';
import { CelError, type CompileIssue } from './error.ts';
import { formatIssues } from './format-validator.ts';
import { compilePattern } from './library/regex.ts';
import { parseDuration, parseRFC3339, timestamp } from './library/time.ts';
import { type CelType, isOptionalType } from './type.ts';
import type { Value } from './value.ts';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Functions whose literal arguments are validated. */
const LITERAL_ARGUMENTS: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => parseDuration(text) !== undefined,
  timestamp: (text) => parseRFC3339(text) !== undefined,
  matches: (text) => !(compilePattern(text) instanceof CelError),
};

function isValidArgument(name: string, literal: Value): boolean {
  if (typeof literal === 'string') return LITERAL_ARGUMENTS[name]!(literal);
  return typeof literal !== 'bigint' || !(timestamp(literal * NANOS_PER_SECOND) instanceof CelError);
}

/** Functions whose arguments may be literals of mixed types. */
const EXEMPT = new Set(['format']);

function equivalent(a: CelType, b: CelType): boolean {
  return (
    a.kind === b.kind && a.name === b.name && a.params.every((param, i) => equivalent(param, b.params[i]!))
  );
}

/** Issues of a checked expression. */
export function validate(checked: Checked): CompileIssue[] {
  const { expr, types } = checked;
  const issues: CompileIssue[] = [];

  walk(expr, (node) => {
    if (node.kind !== 'call' || !Object.hasOwn(LITERAL_ARGUMENTS, node.function)) return;
    const [argument] = node.args;
    if (argument?.kind !== 'literal' || isValidArgument(node.function, argument.value)) return;
    issues.push({ pos: argument.pos, message: `invalid ${node.function} argument` });
  });

  const unwrapped = (node: Expr, optional: boolean): CelType => {
    const type = types.get(node)!;
    return optional && isOptionalType(type) ? type.params[0]! : type;
  };
  const same = (expected: CelType | undefined, node: Expr, optional = false): CelType => {
    const actual = unwrapped(node, optional);
    if (expected === undefined) return actual;
    if (!equivalent(expected, actual)) {
      issues.push({ pos: node.pos, message: `expected type '${expected}' but found '${actual}'` });
    }
    return expected;
  };
  const visit = (node: Expr): void => {
    if (node.kind === 'call' && EXEMPT.has(node.function)) return;
    if (node.kind === 'list') {
      let type: CelType | undefined;
      for (const [i, element] of node.elements.entries()) {
        const before = issues.length;
        type = same(type, element, node.optionalIndices.includes(i));
        if (issues.length > before) break;
      }
    }
    if (node.kind === 'map') {
      let key: CelType | undefined;
      let value: CelType | undefined;
      for (const entry of node.entries) {
        key = same(key, entry.key);
        value = same(value, entry.value, entry.optional);
      }
    }
    for (const child of children(node)) visit(child);
  };
  visit(expr);
  return [...issues, ...formatIssues(checked)];
}
