/** Parsers of flag values in Go's syntax (pflag). */

import { quote } from '../../runtime/go-format.ts';
import { parseCSV } from '../../util/csv.ts';
import { parseDuration } from '../../util/duration.ts';
import { parseIP } from '../../util/ip.ts';
import { parseBool } from '../../util/parse-bool.ts';

/** Parses a flag's text; `earlier` is the value of a previous occurrence. Throws Error if the text is invalid. */
export type ParseFlag<V> = (text: string, earlier: V | undefined) => V;

export interface FlagDefinition<V> {
  /** Without leading dashes. */
  readonly flag: string;
  readonly parse: ParseFlag<V>;
  readonly default: V;
}

/** The error for a flag with an invalid value. */
export const invalidArgument = (name: string, text: string, { message }: Error): string =>
  `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${message}`;

export const booleanFlag: ParseFlag<boolean> = (text) => {
  const value = parseBool(text);
  if (value !== undefined) return value;
  throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
};

export const integerFlag: ParseFlag<number> = (text) => {
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
};

/** A non-negative integer. */
export const countFlag: ParseFlag<number> = (text) => {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`strconv.ParseUint: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
};

export const floatFlag: ParseFlag<number> = (text) => {
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text))
    throw new Error(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
};

/** Returns seconds. */
export const durationFlag: ParseFlag<number> = (text) => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new Error(`time: invalid duration ${quote(text)}`);
  return milliseconds / 1000;
};

export const stringFlag: ParseFlag<string> = (text) => text;

/** An IP address; '' for none. */
export const addressFlag: ParseFlag<string> = (text) => {
  if (text.trim() === '' || parseIP(text.trim()) !== undefined) return text.trim();
  throw new Error(`failed to parse IP: ${quote(text)}`);
};

/** Comma-separated; a repeated flag appends. */
export const listFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [
  ...earlier,
  ...text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
];

/** Go's string slice: values may be empty, and are quoted if they contain commas; a repeated flag appends. */
export const sliceFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [
  ...earlier,
  ...(parseCSV(text)[0] ?? []),
];

/** One value per occurrence, which may contain commas. */
export const repeatedFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [...earlier, text];

/** `key=value,...`; a repeated flag adds entries. A key without a value maps to ''. */
export const mapFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier = new Map()) => {
  const map = new Map(earlier);
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const [key = '', value = ''] = pair.split(/=(.*)/s);
    map.set(key.trim(), value.trim());
  }
  return map;
};

/**
 * Go's string map: with a single `=`, everything around it is one pair, including commas; otherwise comma-separated
 * pairs, quoted if necessary.
 */
export const textMapFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier = new Map()) => {
  const pairs = text.split('=').length === 2 ? [text.replace(/^"+|"+$/g, '')] : (parseCSV(text)[0] ?? ['']);
  return new Map([
    ...earlier,
    ...pairs.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      if (at < 0) throw new Error(`${pair} must be formatted as key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  ]);
};

/** Like `mapFlag`, but every key must have a value. */
export const pairsFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier) => {
  if (text.split(',').some((pair) => pair.trim() !== '' && !pair.includes('='))) {
    throw new Error('malformed pair, expect string=string');
  }
  return mapFlag(text, earlier);
};

/** Like `mapFlag`; names may have a component prefix, `kube:Name=true`. */
export const featureGatesFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier) =>
  mapFlag(text.replace(/(^|,)\s*kube:/g, '$1'), earlier);

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The error of `strconv.Atoi` for the first part that isn't a number. */
function portRangeError(text: string): string {
  const parts = text.trim().split(/[-+]/, 2);
  const bad = parts.find((part) => !/^\d+$/.test(part)) ?? '';
  return `strconv.Atoi: parsing ${quote(bad)}: invalid syntax`;
}

/** `30000-32767`, `30000+2767` or `30000`. */
export const portRangeFlag: ParseFlag<PortRange> = (text) => {
  const match = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/.exec(text.trim());
  if (match === null) throw new Error(portRangeError(text));
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : match[2] === '-' ? Number(match[3]) : from + Number(match[3]);
  if (from > 65535 || to > 65535) throw new Error(`the port range cannot be greater than 65535: ${text}`);
  if (to < from) throw new Error(`end port cannot be less than start port: ${text}`);
  return { from, to };
};
