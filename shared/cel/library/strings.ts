/** String functions on code points (https://github.com/google/cel-go/blob/master/ext/strings.go), version 2. */

import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import { CelError } from '../error.ts';
import { checkTextSize } from '../size-limits.ts';
import { DYN, INT, listType, STRING } from '../type.ts';
import { type ListValue, stringList, stringSize, typeOf, type Value } from '../value.ts';
import { formatString } from './string-format.ts';

const STRINGS_TYPE = listType(STRING);

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): Value {
  const chars = [...text];
  if (index < 0n || index > chars.length) return outOfRange(index);
  return chars[Number(index)] ?? '';
}

/** Converts a UTF-16 index to a code point index. */
function codePointIndex(text: string, index: number): bigint {
  return BigInt(index < 0 ? -1 : stringSize(text.slice(0, index)));
}

function indexOf(text: string, part: string, offset = 0n): Value {
  if (offset < 0n) return outOfRange(offset);
  const size = BigInt(stringSize(text));
  if (part === '') return offset > size ? size : offset;
  if (offset >= size) return -1n;
  const start = offset === 0n ? 0 : [...text].slice(0, Number(offset)).join('').length;
  return codePointIndex(text, text.indexOf(part, start));
}

function lastIndexOf(text: string, part: string, offset?: bigint): Value {
  const size = BigInt(stringSize(text));
  if (offset === undefined) return part === '' ? size : codePointIndex(text, text.lastIndexOf(part));
  if (offset < 0n) return outOfRange(offset);
  if (part === '') return offset > size ? size : offset;
  if (offset >= size) return -1n;
  const start = [...text].slice(0, Number(offset)).join('').length;
  return codePointIndex(text, text.lastIndexOf(part, start));
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());

/**
 * Go's strings.Replace: an empty `old` matches before every character and at the end; a negative `limit` replaces all.
 */
function replace(text: string, old: string, by: string, limit = -1n): Value {
  const parts = old === '' ? ['', ...text] : text.split(old);
  const joints = old === '' ? stringSize(text) + 1 : parts.length - 1;
  const count = limit < 0n || limit > joints ? joints : Number(limit);
  checkTextSize(text.length + count * (by.length - old.length));
  let result = parts[0]!;
  if (old === '') {
    const chars = [...text];
    for (let i = 0; i <= chars.length; i++) result += (i < count ? by : '') + (chars[i] ?? '');
    return result;
  }
  for (let i = 1; i < parts.length; i++) result += (i <= count ? by : old) + parts[i];
  return result;
}

function split(text: string, separator: string, limit = -1n): Value {
  if (limit === 0n) return stringList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || parts.length <= limit) return stringList(parts);
  const count = Number(limit);
  return stringList([...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]);
}

function substring(text: string, start: bigint, end?: bigint): Value {
  const chars = [...text];
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0n || start > chars.length) return outOfRange(start);
  if (end !== undefined && end > chars.length) return outOfRange(end);
  return chars.slice(Number(start), end === undefined ? undefined : Number(end)).join('');
}

function join(list: ListValue, separator = ''): Value {
  const parts: string[] = [];
  let size = 0;
  for (const item of list) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${typeOf(item).name}`);
    parts.push(item);
    size += item.length + separator.length;
    checkTextSize(size);
  }
  return parts.join(separator);
}

/** Trims Unicode's White_Space as Go does; JavaScript also trims U+FEFF, and does not trim U+0085. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

const isSpace = (char: string): boolean => /^\p{White_Space}$/u.test(char);

const QUOTE_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Quotes the text as a CEL string literal; only these characters are escaped. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => QUOTE_ESCAPES[char]!)}"`;
}

export const STRINGS: readonly FunctionDeclaration[] = [
  member('charAt', 'string_char_at_int', [STRING, INT], STRING, charAt),
  member('indexOf', 'string_index_of_string', [STRING, STRING], INT, indexOf),
  member('indexOf', 'string_index_of_string_int', [STRING, STRING, INT], INT, indexOf),
  member('lastIndexOf', 'string_last_index_of_string', [STRING, STRING], INT, lastIndexOf),
  member('lastIndexOf', 'string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexOf),
  member('lowerAscii', 'string_lower_ascii', [STRING], STRING, lowerAscii),
  member('replace', 'string_replace_string_string', [STRING, STRING, STRING], STRING, replace),
  member('replace', 'string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, replace),
  member('split', 'string_split_string', [STRING, STRING], STRINGS_TYPE, split),
  member('split', 'string_split_string_int', [STRING, STRING, INT], STRINGS_TYPE, split),
  member('substring', 'string_substring_int', [STRING, INT], STRING, substring),
  member('substring', 'string_substring_int_int', [STRING, INT, INT], STRING, substring),
  member('trim', 'string_trim', [STRING], STRING, trim),
  member('upperAscii', 'string_upper_ascii', [STRING], STRING, upperAscii),
  member('format', 'string_format', [STRING, listType(DYN)], STRING, formatString),
  member('join', 'list_join', [STRINGS_TYPE], STRING, join),
  member('join', 'list_join_string', [STRINGS_TYPE, STRING], STRING, join),
  fn('strings.quote', 'strings_quote', [STRING], STRING, quoted),
];
