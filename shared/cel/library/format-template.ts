/** The templates of `format` (https://github.com/google/cel-go/blob/master/ext/formatting.go). */

import { quote } from '../../runtime/go-format.ts';
import { integerOf } from '../../util/integers.ts';

/** The error messages for values of the wrong type, by clause. */
const USES = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  o: 'octal clause can only be used on integers',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
} as const;

export type Verb = keyof typeof USES;

export interface Clause {
  readonly verb: Verb;
  readonly precision: number | undefined;
}

/** An invalid template or argument; `where` identifies the argument to the caller. */
export class FormatError<Where = unknown> extends Error {
  override readonly name = 'FormatError';
  readonly where: Where | undefined;

  constructor(message: string, where?: Where) {
    super(message);
    this.where = where;
  }

  within(what: string): FormatError<Where> {
    return new FormatError(`${what}: ${this.message}`, this.where);
  }
}

export const FORMATTING = 'error during formatting';

export const unfit = (verb: Verb, type: string): string => `${USES[verb]}, was given ${type}`;

const CLAUSE = /%(?:%|(?:\.(\d*))?(.?))/gsu;
const MAX_INT = 2n ** 63n - 1n;

/** Renders the clauses of the template, in order, starting with argument 0. Throws `FormatError`. */
export function expandFormat(
  template: string,
  size: number,
  render: (clause: Clause, index: number) => string,
): string {
  let index = 0;
  return template.replace(CLAUSE, (text, digits?: string, verb = '') => {
    if (text === '%%') return '%';
    if (text === '%') throw new FormatError('unexpected end of string');
    if (index >= size) throw new FormatError(`index ${index} out of range`);
    return render(clauseOf(digits, verb), index++);
  });
}

function clauseOf(digits: string | undefined, verb: string): Clause {
  const unreadable = (why: string): FormatError =>
    new FormatError(`could not parse formatting clause: ${why}`);
  if (digits !== undefined) {
    const why = verb === '' ? 'could not find end of precision specifier' : precisionError(digits);
    if (why !== undefined) throw unreadable(`error while parsing precision: ${why}`);
  }
  if (!isVerb(verb)) {
    // Go reports a single byte.
    const byte = String.fromCharCode(Buffer.from(verb)[0]!);
    throw unreadable(`unrecognized formatting clause "${byte}"`);
  }
  return { verb, precision: digits === undefined ? undefined : Number(digits) };
}

const isVerb = (verb: string): verb is Verb => Object.hasOwn(USES, verb);

function precisionError(digits: string): string | undefined {
  const why =
    digits === ''
      ? 'invalid syntax'
      : (integerOf(digits) ?? Infinity) > MAX_INT
        ? 'value out of range'
        : undefined;
  return why && `error while converting precision to integer: strconv.Atoi: parsing ${quote(digits)}: ${why}`;
}
