/** Timestamps and durations: parsing, formatting and accessors. */

import { integerOf } from '../../util/integers.ts';
import { trimEnd } from '../../util/trim.ts';
import { type FunctionDeclaration, member } from '../declaration.ts';
import { CelError } from '../error.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../type.ts';
import { type Duration, isInt64, Timestamp, type Value } from '../value.ts';

const SECOND = 1_000_000_000n;
const MILLI = 1_000_000n;
/** 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. */
const MIN_SECONDS = -62135596800n;
const MAX_SECONDS = 253402300799n;

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** The timestamp, or an overflow error. */
export function timestamp(nanos: bigint, offsetMinutes = 0): Value {
  const seconds = floorDivide(nanos, SECOND);
  const inRange = seconds >= MIN_SECONDS && seconds <= MAX_SECONDS;
  return inRange ? new Timestamp(nanos, offsetMinutes) : new CelError('timestamp overflow');
}

export function epochSeconds({ nanos }: Timestamp): bigint {
  return floorDivide(nanos, SECOND);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Epoch nanoseconds of an RFC 3339 time, as parsed by Go; undefined if it is invalid. */
export function parseRFC3339(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const field = (i: number): number => Number(match[i] ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (field(4) > 23 || field(5) > 59 || field(6) > 59 || field(9) > 24 || field(10) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(field(4), field(5), field(6));
  const offset = (field(9) * 60 + field(10)) * 60 * (match[8] === '-' ? -1 : 1);
  const fraction = (match[7] ?? '').slice(0, 9).padEnd(9, '0');
  return BigInt(date.getTime() / 1000 - offset) * SECOND + BigInt(fraction);
}

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

/** The offset in an RFC 3339 time, in minutes east of UTC. */
export function writtenOffset(text: string): number {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(text);
  if (match === null) return 0;
  return (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1);
}

/** RFC 3339 in the original time zone, with as many decimals as needed. */
export function formatTimestamp(value: Timestamp): string {
  const seconds = epochSeconds(value);
  const { offsetMinutes } = value;
  const text = new Date(Number(seconds) * 1000 + offsetMinutes * 60_000).toISOString().slice(0, 19);
  return `${text}${decimals(value.nanos - seconds * SECOND)}${formatZone(offsetMinutes)}`;
}

function formatZone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const minutes = Math.abs(offsetMinutes);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${offsetMinutes < 0 ? '-' : '+'}${hour}:${minute}`;
}

function decimals(nanos: bigint): string {
  return nanos === 0n ? '' : `.${trimEnd(String(nanos).padStart(9, '0'), '0')}`;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: MILLI,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** Nanoseconds of a duration in Go's syntax (`1h2m3.5s`); undefined if it is invalid. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  const part = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0n;
  for (let at = 0; at < rest.length; at = part.lastIndex) {
    part.lastIndex = at;
    const found = part.exec(rest);
    if (found === null) return undefined;
    const unit = UNITS[found[4]!]!;
    const fraction = (found[2] ?? found[3] ?? '').slice(0, 18);
    const whole = integerOf(found[1] ?? '0');
    if (whole === undefined) return undefined;
    total += whole * unit;
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  const nanos = negative ? -total : total;
  return isInt64(nanos) ? nanos : undefined;
}

/** Seconds with as many decimals as needed: `1.5s`. */
export function formatDuration({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${magnitude / SECOND}${decimals(magnitude % SECOND)}s`;
}

/** Milliseconds by which a zone is ahead of UTC at a given time. Throws `RangeError` for an unknown zone. */
function zoneOffset(millis: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(millis);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)!.value);
  const date = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return date - Math.floor(millis / 1000) * 1000;
}

/** A date whose UTC fields hold the local time. */
function localTime(value: Timestamp, zone: string): Date | CelError {
  const millis = Number(floorDivide(value.nanos, MILLI));
  if (zone === 'UTC' || zone === '') return new Date(millis);
  const colon = zone.indexOf(':');
  if (colon < 0) {
    try {
      return new Date(millis + zoneOffset(millis, zone));
    } catch {
      return new CelError(`unknown time zone ${zone}`);
    }
  }
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)];
  for (const text of [hours, minutes]) {
    if (!/^[+-]?\d+$/.test(text)) {
      return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
  }
  if (Number(minutes) < 0 || Number(minutes) > 59) {
    return new CelError(`timezone offset minutes out of range [0, 59]: ${zone}`);
  }
  const offset = Number(hours) * 60 + (zone.startsWith('-') ? -Number(minutes) : Number(minutes));
  return new Date(millis + offset * 60_000);
}

function dayOfYear(time: Date): number {
  const start = new Date(time);
  start.setUTCMonth(0, 1);
  return Math.round((time.getTime() - start.getTime()) / 86_400_000);
}

/** Function, suffix of its overload for timestamps, accessor. */
const PARTS: readonly (readonly [string, string, (time: Date) => number])[] = [
  ['getFullYear', 'year', (time) => time.getUTCFullYear()],
  ['getMonth', 'month', (time) => time.getUTCMonth()],
  ['getDayOfYear', 'day_of_year', dayOfYear],
  ['getDayOfMonth', 'day_of_month', (time) => time.getUTCDate() - 1],
  ['getDate', 'day_of_month_1_based', (time) => time.getUTCDate()],
  ['getDayOfWeek', 'day_of_week', (time) => time.getUTCDay()],
  ['getHours', 'hours', (time) => time.getUTCHours()],
  ['getMinutes', 'minutes', (time) => time.getUTCMinutes()],
  ['getSeconds', 'seconds', (time) => time.getUTCSeconds()],
  ['getMilliseconds', 'milliseconds', (time) => time.getUTCMilliseconds()],
];

const DURATION_PARTS: readonly (readonly [string, string, bigint])[] = [
  ['getHours', 'hours', 3600n * SECOND],
  ['getMinutes', 'minutes', 60n * SECOND],
  ['getSeconds', 'seconds', SECOND],
  ['getMilliseconds', 'milliseconds', MILLI],
];

function reader(read: (time: Date) => number) {
  return (value: Timestamp, zone = 'UTC'): Value => {
    const time = localTime(value, zone);
    return time instanceof CelError ? time : BigInt(read(time));
  };
}

function zonedId(part: string): string {
  return part === 'seconds' ? 'timestamp_to_seconds_tz' : `timestamp_to_${part}_with_tz`;
}

export const TIME_FUNCTIONS: readonly FunctionDeclaration[] = [
  ...PARTS.flatMap(([name, part, read]) => [
    member(name, `timestamp_to_${part}`, [TIMESTAMP], INT, reader(read)),
    member(name, zonedId(part), [TIMESTAMP, STRING], INT, reader(read)),
  ]),
  ...DURATION_PARTS.map(([name, part, unit]) =>
    member(name, `duration_to_${part}`, [DURATION], INT, (value: Duration) => value.nanos / unit),
  ),
];
