/** Formats log records as lines in the formats of kube-apiserver's `--logging-format`. */

import type { LogRecord } from './logger.ts';

/** Process and time a line was written at. */
export interface LineOrigin {
  readonly time: Date;
  readonly pid: number;
}

const here = (): LineOrigin => ({ time: new Date(), pid: process.pid });

const SEVERITIES: { readonly [K in LogRecord['level']]: string } = { error: 'E', warning: 'W', info: 'I' };

/** Formatters by the value of `--logging-format`. */
export const LOG_FORMATS = { text: textLine, json: jsonLine } as const;

/**
 * klog's text format, with `zeroplane` in place of the source position
 * (https://github.com/kubernetes/klog/blob/main/internal/serialize/keyvalues.go).
 */
export function textLine({ level, message, error, fields }: LogRecord, origin: LineOrigin = here()): string {
  const values = Object.entries({ ...(error !== undefined && { err: error }), ...fields });
  const pairs = values.map(([name, value]) => ` ${name}=${textValue(value)}`).join('');
  return `${SEVERITIES[level]}${klogTime(origin.time)} ${String(origin.pid).padStart(7)} zeroplane] ${JSON.stringify(message)}${pairs}`;
}

/**
 * A JSON object as zapr writes it (https://github.com/kubernetes/component-base/blob/master/logs/json/json.go).
 * Warnings are written as infos there, too.
 */
export function jsonLine(
  { verbosity = 0, level, message, error, fields }: LogRecord,
  { time }: LineOrigin = here(),
): string {
  return JSON.stringify({
    ts: time.getTime(),
    msg: message,
    ...(level === 'error' ? {} : { v: verbosity }),
    ...fields,
    ...(error !== undefined && { err: error }),
  });
}

function textValue(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  if (!value.includes('\n')) return JSON.stringify(value);
  const lines = value.replace(/\n$/, '').split('\n');
  return `<\n${lines.map((line) => `\t${line}\n`).join('')} >`;
}

/** `0102 15:04:05.000000`, in the local time zone. */
function klogTime(time: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${two(time.getMonth() + 1)}${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}000`;
}
