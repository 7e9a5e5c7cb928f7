/**
 * Parses and formats times like Go: RFC 3339 with a precision of seconds (`Time`) or microseconds (`MicroTime`)
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/time.go).
 */

import { quote } from '../../go-format.ts';
import { DecodingError } from '../decoding-error.ts';

export type TimeType = 'time' | 'micro-time';

/** An instant: `seconds` since the epoch plus non-negative `nanos`. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/** An invalid time; the message is Go's `time.ParseError`. */
class TimeParseError extends DecodingError {
  override readonly name = 'TimeParseError';
}

/** Go's zero time, 1 January of year 1, which Kubernetes encodes as null. */
const ZERO_SECONDS = -62_135_596_800;

const LAYOUTS: Readonly<Record<TimeType, string>> = {
  time: '2006-01-02T15:04:05Z07:00',
  'micro-time': '2006-01-02T15:04:05.000000Z07:00',
};

const CANONICAL: Readonly<Record<TimeType, RegExp>> = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  'micro-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
};

const DATE = /^(\d{4})(-)(\d\d)(-)(\d\d)(T)(\d\d?)(:)(\d\d)(:)(\d\d)([.,]\d+)?(Z|([+-])(\d\d):(\d\d))$/;
const MILLISECONDS_IN_SECOND = 1000;

/** Converts a time to UTC with its type's precision; null for the zero time. Throws `TimeParseError`. */
export function canonicalTime(type: TimeType, text: string): string | null {
  if (CANONICAL[type].test(text) && isCalendarDate(text))
    return text.startsWith('0001-01-01T00:00:00') && isZero(text) ? null : text;
  const instant = parseTime(type, text);
  return instant.seconds === ZERO_SECONDS && instant.nanos === 0 ? null : formatTime(type, instant);
}

function isZero(text: string): boolean {
  return /^0001-01-01T00:00:00(\.0+)?Z$/.test(text);
}

function isCalendarDate(text: string): boolean {
  const milliseconds = Date.parse(text);
  // JavaScript normalizes 31 February to March, and accepts 24:00.
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text.slice(0, 19));
}

export function formatTime(type: TimeType, { seconds, nanos }: Instant): string {
  const date = new Date(seconds * MILLISECONDS_IN_SECOND).toISOString().slice(0, -'.000Z'.length);
  if (type === 'time') return `${date}Z`;
  return `${date}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** Throws `TimeParseError`. */
export function parseTime(type: TimeType, text: string): Instant {
  const match = DATE.exec(text);
  const fraction = match?.[12];
  if (match === null || (type === 'micro-time' && fraction?.length !== 7)) throw explain(type, text);
  const [year, month, day, hour, minute, second] = [1, 3, 5, 7, 9, 11].map((group) => Number(match[group]));
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!);
  const zoneHours = Number(match[15] ?? 0);
  const zoneMinutes = Number(match[16] ?? 0);
  const inRange =
    date.getUTCMonth() === month! - 1 &&
    hour! < 24 &&
    minute! < 60 &&
    second! < 60 &&
    zoneHours <= 24 &&
    zoneMinutes <= 60;
  if (!inRange) throw explain(type, text);
  const offset = (zoneHours * 60 + zoneMinutes) * 60 * (match[14] === '-' ? -1 : 1);
  return {
    seconds: date.getTime() / MILLISECONDS_IN_SECOND - offset,
    nanos: fraction === undefined ? 0 : Number(fraction.slice(1, 10).padEnd(9, '0')),
  };
}

/** An element of a layout: the pattern it parses, and the maximum value. */
interface LayoutElement {
  readonly name: string;
  readonly pattern: RegExp;
  readonly range?: readonly [what: string, from: number, to: number];
}

const YEAR: LayoutElement = { name: '2006', pattern: /^\d{4}/ };
const LITERAL = (text: string): LayoutElement => ({ name: text, pattern: new RegExp(`^${text}`) });
const TIME_ELEMENTS: readonly LayoutElement[] = [
  YEAR,
  LITERAL('-'),
  { name: '01', pattern: /^\d\d/, range: ['month', 1, 12] },
  LITERAL('-'),
  { name: '02', pattern: /^\d\d/ },
  LITERAL('T'),
  { name: '15', pattern: /^\d\d?/, range: ['hour', 0, 23] },
  LITERAL(':'),
  { name: '04', pattern: /^\d\d/, range: ['minute', 0, 59] },
  LITERAL(':'),
  { name: '05', pattern: /^\d\d/, range: ['second', 0, 59] },
];
const ZONE: LayoutElement = { name: 'Z07:00', pattern: /^(Z|[+-]\d\d:\d\d)/ };

/** Finds the first error that Go reports, element by element. */
function explain(type: TimeType, text: string): TimeParseError {
  const layout = LAYOUTS[type];
  const error = (element: string, rest: string, message = ''): TimeParseError =>
    new TimeParseError(
      message === ''
        ? `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}`
        : `parsing time ${quote(text)}${message}`,
    );
  let rest = text;
  for (const { name, pattern, range } of TIME_ELEMENTS) {
    const read = pattern.exec(rest)?.[0];
    if (read === undefined) return error(name, rest);
    rest = rest.slice(read.length);
    if (range !== undefined && (Number(read) < range[1] || Number(read) > range[2])) {
      return error(name, rest, `: ${range[0]} out of range`);
    }
  }
  const fraction = type === 'micro-time' ? /^[.,]\d{6}/.exec(rest)?.[0] : (/^[.,]\d+/.exec(rest)?.[0] ?? '');
  if (fraction === undefined) return error('.000000', rest);
  rest = rest.slice(fraction.length);
  const zone = ZONE.pattern.exec(rest)?.[0];
  if (zone === undefined) return error(ZONE.name, rest);
  rest = rest.slice(zone.length);
  if (Number(zone.slice(1, 3)) > 24) return error(ZONE.name, rest, ': time zone offset hour out of range');
  if (Number(zone.slice(4, 6)) > 60) return error(ZONE.name, rest, ': time zone offset minute out of range');
  if (rest !== '') return error('', rest, `: extra text: ${quote(rest)}`);
  return error('', rest, ': day out of range');
}
