/**
 * What a request's body may ask for beside its bytes. An object that can be stored has fewer values than this: what
 * has more is refused before it costs more than looking at it.
 */

/** Members of objects, elements of lists. */
export const MAX_VALUES = 100_000;

/** More than the server takes: a 413 with this message. */
export class BodyBudgetError extends Error {
  override readonly name = 'BodyBudgetError';
}

function tooManyValues(limit = MAX_VALUES): BodyBudgetError {
  return new BodyBudgetError(`limit is ${limit} values`);
}

/** Counts the values of a body as they are read. */
export class ValueBudget {
  #left: number;

  constructor(limit = MAX_VALUES) {
    this.#left = limit;
  }

  /** Throws `BodyBudgetError`. */
  spend(): void {
    if (--this.#left < 0) throw tooManyValues();
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/** A value takes two bytes at least: its own, and one before it. */
const ALWAYS_SMALL = 2 * MAX_VALUES;

/** Throws `BodyBudgetError` for JSON of too many values, nested or not, before anything is parsed. */
export function checkJSONBudget(bytes: Uint8Array): void {
  if (bytes.byteLength > ALWAYS_SMALL && valuesIn(bytes) > MAX_VALUES) throw tooManyValues();
}

/** As `checkJSONBudget`, of the answer to `sent`: it may have as many values more than twice those, as a body may have. */
export function checkAnswerBudget(bytes: Uint8Array, sent: Uint8Array): void {
  if (bytes.byteLength <= ALWAYS_SMALL) return;
  const limit = MAX_VALUES + 2 * valuesIn(sent);
  if (valuesIn(bytes) > limit) throw tooManyValues(limit);
}

/** Values in a JSON text, at most: an empty list counts as if it had one. */
function valuesIn(bytes: Uint8Array): number {
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) values++;
  }
  return values;
}

/** Where a string's last quote is; the end of the bytes if it has none. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return bytes.length;
}
