/** Compile-time and run-time errors. */

/** An evaluation error. It is a value rather than an exception, because `||`, `&&` and comprehensions may absorb it. */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const NO_SUCH_OVERLOAD = new CelError('no such overload');

/** Thrown rather than returned, because it can't be absorbed. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Thrown for an expression that type-checks but can't be planned: `int("x")`. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** A compile error at an offset of the source; without an offset if it concerns the whole expression. */
export interface CompileIssue {
  readonly message: string;
  readonly pos?: number | undefined;
}

const MAX_ISSUES = 100;
const MAX_SNIPPET = 16384;

interface Location {
  readonly line: number;
  readonly column: number;
}

/** Line (from 1) and column (from 0, in code points) of an offset. */
function locate(source: string, pos: number): Location {
  const before = source.slice(0, pos);
  const line = before.split('\n').length;
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length;
  return { line, column };
}

/** Marked with wide dots, as in cel-go, because they occupy two columns on a terminal. */
function isWide(char: string): boolean {
  return char.codePointAt(0)! > 0x7f;
}

function formatIssue(source: string, issue: CompileIssue): string {
  // An empty source has no lines to locate the issue in.
  if (source === '' && issue.pos !== undefined) return `ERROR: <input>:1:0: ${issue.message}`;
  const { line, column } =
    issue.pos === undefined ? { line: -1, column: -1 } : locate(source, Math.min(issue.pos, source.length));
  const text = `ERROR: <input>:${line}:${column + 1}: ${issue.message}`;
  const snippet = source.split('\n')[line - 1]?.replaceAll('\t', ' ');
  if (snippet === undefined || snippet.length > MAX_SNIPPET) return text;
  const chars = [...snippet];
  const dots = chars.slice(0, column).map((char) => (isWide(char) ? '\uff0e' : '.'));
  const at = chars[column];
  return `${text}\n | ${snippet}\n | ${dots.join('')}${at !== undefined && isWide(at) ? '\uff3e' : '^'}`;
}

/**
 * Formats all issues, sorted by position, as cel-go does
 * (https://github.com/google/cel-go/blob/master/common/error.go).
 */
export function formatIssues(source: string, issues: readonly CompileIssue[]): string {
  const shown = issues.slice(0, MAX_ISSUES).toSorted((a, b) => (a.pos ?? -1) - (b.pos ?? -1));
  const lines = shown.map((issue) => formatIssue(source, issue));
  if (issues.length > MAX_ISSUES) lines.push(`${issues.length - MAX_ISSUES} more errors were truncated`);
  return lines.join('\n');
}
