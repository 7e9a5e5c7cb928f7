/** Parses cron schedules with five fields, or by name (https://github.com/robfig/cron/blob/v3/parser.go). */

import { quote } from '../../../runtime/go-format.ts';
import { parseDuration } from '../../../runtime/serializer/scalars/duration.ts';
import { integerOf } from '../../../util/integers.ts';
import { isTimeZone } from './time-zone.ts';

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  {
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const EVERY = '@every ';
const MAX_INT64 = 2n ** 63n - 1n;

/** The error in a schedule; undefined if it is valid. */
export function cronScheduleError(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let rest = schedule;
  if (schedule.startsWith('TZ=') || schedule.startsWith('CRON_TZ=')) {
    const space = schedule.indexOf(' ');
    const start = schedule.indexOf('=') + 1;
    // Upstream's parser panics here.
    if (space < 0) {
      return `invalid schedule format: runtime error: slice bounds out of range [${start}:-1]`;
    }
    const zone = schedule.slice(start, space);
    if (zone !== 'Local' && !isTimeZone(zone)) {
      return `provided bad location ${zone}: unknown time zone ${zone}`;
    }
    rest = schedule.slice(space).trim();
  }
  if (rest.startsWith('@')) return descriptorError(rest);
  const fields = rest.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, field] of fields.entries()) {
    // Repeated ranges are checked once.
    for (const range of new Set(field.split(','))) {
      const error = range === '' ? undefined : rangeError(range, FIELDS[index]!);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

function descriptorError(descriptor: string): string | undefined {
  if (DESCRIPTORS.includes(descriptor)) return undefined;
  if (!descriptor.startsWith(EVERY)) return `unrecognized descriptor: ${descriptor}`;
  try {
    parseDuration(descriptor.slice(EVERY.length));
    return undefined;
  } catch (error) {
    return `failed to parse duration ${descriptor}: ${(error as Error).message}`;
  }
}

/** Throws Error with the message of Go's `strconv.Atoi`, or with that for a negative number. */
function parseNumber(text: string): number {
  const fail = (why: string): never => {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: ${why}`);
  };
  if (!/^[+-]?\d+$/.test(text)) fail('invalid syntax');
  const value = integerOf(text);
  if (value === undefined || value > MAX_INT64 || -value > MAX_INT64 + 1n) return fail('value out of range');
  if (value < 0n) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return Number(value);
}

function numberOf(text: string, { min, names }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + min : parseNumber(text);
}

function rangeError(range: string, bounds: Bounds): string | undefined {
  try {
    return checkRange(range, bounds);
  } catch (error) {
    return (error as Error).message;
  }
}

function checkRange(range: string, bounds: Bounds): string | undefined {
  const [interval, stepText, ...moreSteps] = range.split('/');
  const [low, high, ...moreEnds] = interval!.split('-');
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
    start = numberOf(low!, bounds);
    end = start;
    if (high !== undefined && moreEnds.length === 0) end = numberOf(high, bounds);
    else if (high !== undefined) return `too many hyphens: ${range}`;
  }
  if (moreSteps.length > 0) return `too many slashes: ${range}`;
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${range}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}
