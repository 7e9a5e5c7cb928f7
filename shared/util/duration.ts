/** Durations in Go's text form: `1h30m`, `500ms`. */

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/** Returns milliseconds; undefined if `text` is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  const unsigned = text.replace(/^[+-]/, '');
  for (const [, amount, unit] of unsigned.matchAll(PART)) total += Number(amount) * UNITS[unit!]!;
  return text.startsWith('-') ? -total : total;
}
