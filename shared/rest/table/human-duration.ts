/**
 * Formats durations like kubectl's ages
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration.go).
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A unit and, below `until` seconds, whether the remainder in the next smaller unit is shown. */
const STEPS: readonly {
  until: number;
  unit: number;
  suffix: string;
  rest?: { unit: number; suffix: string };
}[] = [
  { until: 2 * MINUTE, unit: 1, suffix: 's' },
  { until: 10 * MINUTE, unit: MINUTE, suffix: 'm', rest: { unit: 1, suffix: 's' } },
  { until: 3 * HOUR, unit: MINUTE, suffix: 'm' },
  { until: 8 * HOUR, unit: HOUR, suffix: 'h', rest: { unit: MINUTE, suffix: 'm' } },
  { until: 2 * DAY, unit: HOUR, suffix: 'h' },
  { until: 8 * DAY, unit: DAY, suffix: 'd', rest: { unit: HOUR, suffix: 'h' } },
  { until: 2 * YEAR, unit: DAY, suffix: 'd' },
  { until: 8 * YEAR, unit: YEAR, suffix: 'y', rest: { unit: DAY, suffix: 'd' } },
  { until: Number.POSITIVE_INFINITY, unit: YEAR, suffix: 'y' },
];

/** `5m30s`, `3d`, `2y100d`. A time slightly in the future is `0s`, one further ahead `<invalid>`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const { unit, suffix, rest } = STEPS.find(({ until }) => seconds < until)!;
  const whole = `${Math.floor(seconds / unit)}${suffix}`;
  const remainder = rest === undefined ? 0 : Math.floor((seconds % unit) / rest.unit);
  return remainder === 0 ? whole : `${whole}${remainder}${rest!.suffix}`;
}
