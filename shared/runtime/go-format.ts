/** Formats values like Go, as they appear in upstream's messages. */

import { stringifyJSON } from '../util/exact-json.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** `strconv.Quote`, the `%q` verb: keeps printable Unicode and escapes the rest. */
export function quote(text: string): string {
  let quoted = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (ESCAPES[char] !== undefined) quoted += ESCAPES[char];
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) quoted += '\\ufffd';
    else if (char === ' ' || !/[\p{C}\p{Z}]/u.test(char)) quoted += char;
    else if (code <= 0xffff) quoted += `\\u${code.toString(16).padStart(4, '0')}`;
    else quoted += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${quoted}"`;
}

/**
 * `json.Marshal`: like JSON.stringify, but escapes HTML characters. `indent` is the number of spaces of
 * `json.MarshalIndent`.
 */
export function marshalJSON(value: unknown, indent?: number): string {
  return escapeHTML(stringifyJSON(value, indent) ?? 'null');
}

/** Escapes the characters in JSON that Go's `json.Marshal` escapes for HTML. */
export function escapeHTML(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `%q` of a string slice: `["a" "b"]`. */
export function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}

/** Go's `utilerrors.Aggregate.Error()`: distinct messages, in brackets if there are several. */
export function aggregateMessages(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

const MAX_PLACES = 100;

/** Go's `%.Nf`, up to a hundred places: rounds half to even. */
export function formatFixed(value: number, places: number): string {
  // JavaScript switches to exponents here; all doubles of this magnitude are integers.
  if (Math.abs(value) >= 1e21 && Number.isFinite(value))
    return `${BigInt(value)}${places > 0 ? `.${'0'.repeat(Math.min(places, MAX_PLACES))}` : ''}`;
  return roundedToEven(places, (digits) => value.toFixed(digits));
}

/** Go's `%.Ne`, except for the digits of its exponent: rounds half to even. */
export function formatExponential(value: number, places: number): string {
  return roundedToEven(places, (digits) => value.toExponential(digits));
}

const EVEN_AND_FIVE = /^(.*?[02468]\.?)5(e.*)?$/;

/** JavaScript rounds half up. All digits are needed to detect an exact half. */
function roundedToEven(places: number, write: (digits: number) => string): string {
  if (places >= MAX_PLACES) return write(MAX_PLACES);
  const [, kept, exponent = ''] = EVEN_AND_FIVE.exec(write(places + 1)) ?? [];
  const half = `${kept}5${'0'.repeat(MAX_PLACES - places - 1)}${exponent}`;
  if (kept === undefined || write(MAX_PLACES) !== half) return write(places);
  return kept.replace(/\.$/, '') + exponent;
}

/** Go's `%v` and `%g` of a float64: values from `1e+06` or below `1e-05` have exponents. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const formatNumber = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : formatFloat(value);

/** Go's `%v` of a JSON value: `map[a:[1 2] b:<nil>]`. Integers are int64 unless `number` formats them differently. */
export function formatValue(value: unknown, number = formatNumber): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return number(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((element) => formatValue(element, number)).join(' ')}]`;
  return `map[${sortedMembers(value)
    .map(([key, member]) => `${key}:${formatValue(member, number)}`)
    .join(' ')}]`;
}

/** Go's `%#v` of a JSON value, whose numbers are float64: `map[string]interface {}{"a":1}`. */
export function formatSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatSyntax).join(', ')}}`;
  return `map[string]interface {}{${sortedMembers(value)
    .map(([key, member]) => `${quote(key)}:${formatSyntax(member)}`)
    .join(', ')}}`;
}

const sortedMembers = (value: object): [string, unknown][] =>
  Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
