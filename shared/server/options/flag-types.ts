/** How the values of flags are written, in Go's forms (pflag). */

import { quote } from '../../runtime/go-format.ts';
import { parseCSV } from '../../util/csv.ts';
import { parseDuration } from '../../util/duration.ts';
import { parseIP } from '../../util/ip.ts';
import { parseBool } from '../../util/parse-bool.ts';

/** Reads one flag's text; `earlier` is what the same flag said before. Throws Error saying what is wrong. */
export type ParseFlag<V> = (text: string, earlier: V | undefined) => V;

export interface FlagDefinition<V> {
  /** Without its dashes. */
  readonly flag: string;
  readonly parse: ParseFlag<V>;
  readonly default: V;
}

/** What is said of a flag that can't be read. */
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

/** Not negative. */
export const countFlag: ParseFlag<number> = (text) => {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`strconv.ParseUint: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
};

export const floatFlag: ParseFlag<number> = (text) => {
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text))
    throw new Error(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
};

/** Seconds. */
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

/** Comma-separated; a repeated flag adds. */
export const listFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [
  ...earlier,
  ...text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
];

/** As Go reads a list: values may be empty, and quoted where they hold commas; a repeated flag adds. */
export const sliceFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [
  ...earlier,
  ...(parseCSV(text)[0] ?? []),
];

/** A flag given once per value, which may hold commas. */
export const repeatedFlag: ParseFlag<readonly string[]> = (text, earlier = []) => [...earlier, text];

/** `key=value,...`; a repeated flag adds. A key without a value is ''. */
export const mapFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier = new Map()) => {
  const map = new Map(earlier);
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const [key = '', value = ''] = pair.split(/=(.*)/s);
    map.set(key.trim(), value.trim());
  }
  return map;
};

/** Go's map of texts: one `=` alone takes all that is around it, commas too; else quoted pairs with commas between. */
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

/** As `mapFlag`, where every key has its value. */
export const pairsFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier) => {
  if (text.split(',').some((pair) => pair.trim() !== '' && !pair.includes('='))) {
    throw new Error('malformed pair, expect string=string');
  }
  return mapFlag(text, earlier);
};

/** As `mapFlag`; names may have the component before them, `kube:Name=true`. */
export const featureGatesFlag: ParseFlag<ReadonlyMap<string, string>> = (text, earlier) =>
  mapFlag(text.replace(/(^|,)\s*kube:/g, '$1'), earlier);

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What `strconv.Atoi` says of the first part that it can't read. */
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
