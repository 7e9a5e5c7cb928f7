/**
 * Limits the number of values in a request body. Storable objects have fewer, so bodies beyond the limit are rejected
 * before anything more expensive than counting.
 */

/** Counts members of objects and elements of lists. */
export const MAX_VALUES = 100_000;

/** The body exceeds the limit: a 413 with this message. */
export class BodyBudgetError extends Error {
  override readonly name = 'BodyBudgetError';
}

function tooManyValues(limit = MAX_VALUES): BodyBudgetError {
  return new BodyBudgetError(`limit is ${limit} values`);
}

/** Counts the values of a body while they are decoded. */
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

/** A value takes at least two bytes, including the one before it. */
const ALWAYS_SMALL = 2 * MAX_VALUES;

/** Throws `BodyBudgetError` for JSON with too many values, nested or not, before it is parsed. */
export function checkJSONBudget(bytes: Uint8Array): void {
  if (bytes.byteLength > ALWAYS_SMALL && valuesIn(bytes) > MAX_VALUES) throw tooManyValues();
}

/** Like `checkJSONBudget`, for a document of another server, which may be larger than an object. */
export function checkValues(bytes: Uint8Array, limit: number): void {
  if (bytes.byteLength > 2 * limit && valuesIn(bytes) > limit) throw tooManyValues(limit);
}

/**
 * Like `checkJSONBudget`, for the answer to `sent`, which may contain twice the values of `sent` in addition to the
 * limit of a body.
 */
export function checkAnswerBudget(bytes: Uint8Array, sent: Uint8Array): void {
  if (bytes.byteLength <= ALWAYS_SMALL) return;
  const limit = MAX_VALUES + 2 * valuesIn(sent);
  if (valuesIn(bytes) > limit) throw tooManyValues(limit);
}

/** Upper bound on the values in a JSON text: an empty list counts as having one. */
function valuesIn(bytes: Uint8Array): number {
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) values++;
  }
  return values;
}

/** The position of a string's closing quote; the end of the bytes if it has none. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return bytes.length;
}
