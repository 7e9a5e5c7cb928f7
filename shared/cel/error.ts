/** What goes wrong while compiling and evaluating. */

/** An evaluation error. It is a value, not a throw: `||`, `&&` and comprehensions may absorb it. */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const NO_SUCH_OVERLOAD = new CelError('no such overload');

/** Thrown, not returned: nothing absorbs an exhausted budget. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Raised where an expression can't become a program although its types fit: `int("x")`. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** One compile error: a message at an offset of the source; no offset when it concerns the whole. */
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

/** Characters that take two columns on a terminal are pointed at with wide dots, as cel-go does. */
function isWide(char: string): boolean {
  return char.codePointAt(0)! > 0x7f;
}

function formatIssue(source: string, issue: CompileIssue): string {
  // There is no place in what is empty.
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

/** All issues, ordered by place, in cel-go's format (https://github.com/google/cel-go/blob/master/common/error.go). */
export function formatIssues(source: string, issues: readonly CompileIssue[]): string {
  const shown = issues.slice(0, MAX_ISSUES).toSorted((a, b) => (a.pos ?? -1) - (b.pos ?? -1));
  const lines = shown.map((issue) => formatIssue(source, issue));
  if (issues.length > MAX_ISSUES) lines.push(`${issues.length - MAX_ISSUES} more errors were truncated`);
  return lines.join('\n');
}
