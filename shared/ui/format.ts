/** Human-readable numbers and times. */

const UNKNOWN = '–';

/** Three significant digits: `0.512`, `12.3`, `1,234`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) });
}

export function formatPercent(part: number | undefined): string {
  return part === undefined ? UNKNOWN : `${formatNumber(part * 100)} %`;
}

export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return UNKNOWN;
  return seconds < 1 ? `${formatNumber(seconds * 1000)} ms` : `${formatNumber(seconds)} s`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN;
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 0), UNITS.length - 1);
  return `${formatNumber(bytes / 1024 ** power)} ${UNITS[power]}`;
}

export function formatDollars(dollars: number | undefined): string {
  if (dollars === undefined) return UNKNOWN;
  if (dollars > 0 && dollars < 0.01) return '< $0.01';
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** kubectl's short form: `42s`, `7m`, `3h`, `12d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
