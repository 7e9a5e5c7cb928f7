/**
 * JSON that keeps integers exact: those beyond the safe range of a JavaScript number but within Go's int64 are bigints.
 */

import { type Pieces, shouldYield } from './breathe.ts';
import { integerOf } from './integers.ts';
import { setOwn } from './json.ts';

/** Only texts with at least this many consecutive digits can hold such an integer. */
const LONG_INTEGER = /\d{16}/;
const INT64_MAX = 2n ** 63n - 1n;

/** Whether `parseJSON` may return a bigint for this text. */
export const hasLongIntegers = (text: string): boolean => LONG_INTEGER.test(text);

/** Parses as JSON.parse does, with exact integers. Throws SyntaxError. */
export function parseJSON(text: string): unknown {
  if (!hasLongIntegers(text)) return JSON.parse(text);
  const mark = crypto.randomUUID();
  const marked = withLongIntegersMarked(text, mark);
  if (marked === undefined) return JSON.parse(text);
  let parsed: { '': unknown };
  try {
    parsed = { '': JSON.parse(marked) };
  } catch {
    // Throws an error whose position refers to the original text.
    return JSON.parse(text);
  }
  readMarked(parsed, mark);
  return parsed[''];
}

/** An integer that is a whole number by itself, and the characters before it that would make it part of another. */
const LONG_NUMBER = /-?(?:[1-9]\d{15,})(?![\d.eE]|\s*:)/y;
const PART_OF_NUMBER = /[\d.eE+-]/;

/**
 * The text with its long integers replaced by marked strings; undefined if long runs of digits occur only inside
 * strings.
 */
function withLongIntegersMarked(text: string, mark: string): string | undefined {
  const pieces: string[] = [];
  const candidates = new RegExp(LONG_INTEGER, 'g');
  let copied = 0;
  let quote = text.indexOf('"');
  for (let found = candidates.exec(text); found !== null; found = candidates.exec(text)) {
    let end = 0;
    while (quote !== -1 && quote < found.index) {
      end = endOfString(text, quote);
      quote = text.indexOf('"', end);
    }
    if (end > found.index) {
      candidates.lastIndex = end;
      continue;
    }
    const start = text[found.index - 1] === '-' ? found.index - 1 : found.index;
    LONG_NUMBER.lastIndex = start;
    const [number] = PART_OF_NUMBER.test(text[start - 1] ?? '') ? [] : (LONG_NUMBER.exec(text) ?? []);
    if (number === undefined) {
      // Skips the remaining digits of a run that is inside a string.
      while (candidates.lastIndex < text.length && /\d/.test(text[candidates.lastIndex]!))
        candidates.lastIndex++;
      continue;
    }
    pieces.push(text.slice(copied, start), '"', mark, number, '"');
    copied = start + number.length;
    candidates.lastIndex = copied;
  }
  return copied === 0 ? undefined : `${pieces.join('')}${text.slice(copied)}`;
}

/** Position after the quote that closes the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Replaces marked strings by integers, without recursion: the client chooses the depth of nesting. */
function readMarked(root: object, mark: string): void {
  const open: object[] = [root];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    for (const key of Object.keys(container)) {
      const member = (container as Record<string, unknown>)[key];
      if (typeof member === 'object') {
        if (member !== null) open.push(member);
      } else if (typeof member === 'string' && member.startsWith(mark)) {
        setOwn(container as Record<string, unknown>, key, readInteger(member.slice(mark.length)));
      }
    }
  }
}

function readInteger(digits: string): number | bigint {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const exact = integerOf(digits);
  return exact === undefined || exact > INT64_MAX || exact < -INT64_MAX - 1n ? number : exact;
}

/** Serializes as JSON.stringify does, with bigints as numbers. */
export function stringifyJSON(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return stringifyExactly(value, indent);
  }
}

/** Objects with fewer values are serialized in one piece. */
const MANY_VALUES = 4_000;

/** Serializes as `stringifyJSON` does. Accepts JSON values, bigints, and undefined for absent members. */
export function* stringifyInPieces(value: unknown): Pieces<string> {
  if (countValues(value, MANY_VALUES) < MANY_VALUES) return stringifyJSON(value);
  yield;
  return yield* stringifyDeep(value);
}

/** Number of values in `value`; stops counting at `limit`. */
function countValues(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let values = 1;
  for (const key in value) {
    if (values >= limit) break;
    values += countValues((value as Record<string, unknown>)[key], limit - values);
  }
  return values;
}

function* stringifyDeep(value: unknown): Pieces<string> {
  if (typeof value !== 'object' || value === null) return stringifyJSON(value);
  const isList = Array.isArray(value);
  const members: string[] = [];
  for (const [key, member] of isList ? value.entries() : Object.entries(value)) {
    if (shouldYield()) yield;
    const text = yield* stringifyDeep(member ?? (isList ? null : member));
    if (isList) members.push(text);
    else if (member !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return isList ? `[${members.join()}]` : `{${members.join()}}`;
}

/** Writes bigints as marked strings, then removes the quotes. */
function stringifyExactly(value: unknown, indent: number | undefined): string {
  const mark = crypto.randomUUID();
  const text = JSON.stringify(
    value,
    (_, member: unknown) => (typeof member === 'bigint' ? `${mark}${member}` : member),
    indent,
  );
  return text.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
