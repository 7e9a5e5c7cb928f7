/** Parses and formats durations like Go: `1h30m0s` (https://pkg.go.dev/time#Duration.String). */

import { integerOf } from '../../../util/integers.ts';
import { trimEnd } from '../../../util/trim.ts';
import { DecodingError } from '../decoding-error.ts';

/** An invalid duration; the message is Go's. */
class DurationError extends DecodingError {
  override readonly name = 'DurationError';
}

const SECOND = 1_000_000_000n;
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
]);
const MAX = 2n ** 63n - 1n;
/** Go ignores further digits. */
const FRACTION_DIGITS = 18;
const TERM = /^(\d*)(?:\.(\d*))?([^.\d]*)/;

/** Quotes a text like Go's time package. */
function quote(text: string): string {
  const shown = text.replace(/[^ -\u007f]|["\\]/gu, (char) =>
    char === '"' || char === '\\'
      ? `\\${char}`
      : [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `"${shown}"`;
}

/** Nanoseconds. Throws `DurationError`. */
export function parseDuration(text: string): bigint {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quote(text)}`);
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const [term, whole, fraction = '', unitName] = TERM.exec(rest) as unknown as [
      string,
      string,
      string,
      string,
    ];
    if (whole === '' && fraction === '') throw invalid();
    const integer = whole === '' ? 0n : integerOf(whole);
    if (integer === undefined || integer > MAX + 1n) throw invalid();
    if (unitName === '') throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    const unit = UNITS.get(unitName);
    if (unit === undefined)
      throw new DurationError(`time: unknown unit ${quote(unitName)} in duration ${quote(text)}`);
    const digits = fraction.slice(0, FRACTION_DIGITS);
    total += integer * unit + (digits === '' ? 0n : (BigInt(digits) * unit) / 10n ** BigInt(digits.length));
    if (total > MAX + 1n) throw invalid();
    rest = rest.slice(term.length);
  }
  if (!negative && total > MAX) throw invalid();
  return negative ? -total : total;
}

/** `value` / 10^`digits` without trailing zeros. */
function decimal(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = trimEnd(String(value % scale).padStart(digits, '0'), '0');
  return fraction === '' || digits === 0 ? String(value / scale) : `${value / scale}.${fraction}`;
}

/** Go's `Duration.String()` of `nanoseconds`. */
export function formatDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value === 0n) return '0s';
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < 1_000_000n) return `${sign}${decimal(value, 3)}µs`;
  if (value < SECOND) return `${sign}${decimal(value, 6)}ms`;
  const minutes = value / (60n * SECOND);
  const seconds = `${decimal(value % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`;
}
