/** Records of a log as lines in the forms that kube-apiserver has, under its `--logging-format`. */

import type { LogRecord } from './logger.ts';

/** Where and when a line was written. */
export interface LineOrigin {
  readonly time: Date;
  /** Of the process. */
  readonly pid: number;
}

const here = (): LineOrigin => ({ time: new Date(), pid: process.pid });

const SEVERITIES: { readonly [K in LogRecord['level']]: string } = { error: 'E', warning: 'W', info: 'I' };

/** `--logging-format`. */
export const LOG_FORMATS = { text: textLine, json: jsonLine } as const;

/**
 * klog's text, with `zeroplane` where it has a place in its sources
 * (https://github.com/kubernetes/klog/blob/main/internal/serialize/keyvalues.go).
 */
export function textLine({ level, message, error, fields }: LogRecord, origin: LineOrigin = here()): string {
  const values = Object.entries({ ...(error !== undefined && { err: error }), ...fields });
  const pairs = values.map(([name, value]) => ` ${name}=${textValue(value)}`).join('');
  return `${SEVERITIES[level]}${klogTime(origin.time)} ${String(origin.pid).padStart(7)} zeroplane] ${JSON.stringify(message)}${pairs}`;
}

/**
 * An object, as zapr writes it (https://github.com/kubernetes/component-base/blob/master/logs/json/json.go).
 * A warning is an info there, too.
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

/** `0102 15:04:05.000000`, in the machine's time zone. */
function klogTime(time: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${two(time.getMonth() + 1)}${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}000`;
}
