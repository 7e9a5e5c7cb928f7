/** Parses options from the command line, the environment or a file, with the same names and syntax. */

import { formatDuration } from '../../runtime/serializer/scalars/duration.ts';
import { UnsupportedError } from '../../util/unsupported.ts';
import { durationFlag, type FlagDefinition, invalidArgument } from './flag-types.ts';
import { FLAGS, type ServerRunOptions } from './options.ts';

/** Flags in the order given. */
export type FlagTexts = readonly (readonly [flag: string, text: string])[];

type AnyDefinition = FlagDefinition<unknown>;

const BY_FLAG: ReadonlyMap<string, readonly [keyof ServerRunOptions, AnyDefinition]> = new Map(
  Object.entries(FLAGS).map(([key, definition]) => [
    definition.flag,
    [key as keyof ServerRunOptions, definition as AnyDefinition],
  ]),
);

/** Whether a name is one of these flags, for hosts that accept more. */
export function isServerFlag(name: string): boolean {
  return BY_FLAG.has(name);
}

type Definitions<O> = { readonly [K in keyof O]: FlagDefinition<O[K]> };

export interface ReadFlags<O> {
  /** The options that could be parsed. */
  readonly options: Partial<O>;
  /** One line for each invalid flag. */
  readonly errors: readonly string[];
}

/** Flags of kube-apiserver that would change something Zeroplane doesn't do, and why. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['service-account-signing-endpoint', 'signing keys are files, or parameters on AWS'],
]);

function unknownFlag(name: string): string {
  const why = UNSUPPORTED.get(name);
  return why === undefined ? `unknown flag: --${name}` : new UnsupportedError(`--${name}`, why).message;
}

/** Parses flags according to a table. */
export function readFlags<O>(definitions: Definitions<O>, texts: FlagTexts): ReadFlags<O> {
  const byFlag = new Map(
    Object.entries(definitions as Record<string, AnyDefinition>).map(([key, definition]) => [
      definition.flag,
      [key, definition] as const,
    ]),
  );
  const parsed = new Map<string, unknown>();
  const errors: string[] = [];
  for (const [name, text] of texts) {
    const entry = byFlag.get(name);
    if (entry === undefined) {
      errors.push(unknownFlag(name));
      continue;
    }
    const [key, { parse }] = entry;
    try {
      parsed.set(key, parse(text, parsed.get(key)));
    } catch (error) {
      errors.push(invalidArgument(name, text, error as Error));
    }
  }
  return { options: Object.fromEntries(parsed) as Partial<O>, errors };
}

export function readOptions(texts: FlagTexts): ReadFlags<ServerRunOptions> {
  return readFlags<ServerRunOptions>(FLAGS, texts);
}

/** Parses options on top of `base`. Throws an Error that lists all invalid flags. */
export function parseOptions(
  texts: FlagTexts,
  base: Partial<ServerRunOptions> = {},
): Partial<ServerRunOptions> {
  const { options, errors } = readOptions(texts);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return { ...base, ...options };
}

/** The flags that are equivalent to the given options. */
export function flagsOfOptions(options: Partial<ServerRunOptions>): FlagTexts {
  return Object.entries(options).flatMap(([key, value]) => {
    // Completed options have additional properties.
    if (value === undefined || !Object.hasOwn(FLAGS, key)) return [];
    return [[FLAGS[key as keyof ServerRunOptions].flag, flagText(value)] as const];
  });
}

/** All flags with their values formatted as in Go (pflag's `Value.String()`), by name. */
export function flagTexts(options: ServerRunOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FLAGS).map(([key, { flag, parse }]) => {
      const value = options[key as keyof ServerRunOptions];
      if (Array.isArray(value)) return [flag, `[${value.join(',')}]`];
      if (parse !== (durationFlag as unknown)) return [flag, flagText(value)];
      return [flag, formatDuration(BigInt(Math.round(Number(value) * 1e9)))];
    }),
  );
}

function flagText(value: ServerRunOptions[keyof ServerRunOptions]): string {
  if (value instanceof Map) return [...value].map(([name, text]) => `${name}=${text}`).join(',');
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' && 'from' in value ? `${value.from}-${value.to}` : String(value);
}

/** Unknown flags count as boolean if no value follows. */
function isBoolean(name: string, next: string | undefined): boolean {
  const entry = BY_FLAG.get(name);
  if (entry !== undefined) return typeof entry[1].default === 'boolean';
  return next === undefined || next.startsWith('-');
}

export interface ReadArguments {
  readonly flags: FlagTexts;
  /** One line for each argument that isn't a flag, or lacks its value. */
  readonly errors: readonly string[];
}

/** Accepts `--flag=value`, `--flag value`, and `--flag` alone for booleans; `-v` may have a single dash. */
export function readArguments(args: readonly string[]): ReadArguments {
  const flags: [string, string][] = [];
  const errors: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]!;
    const match = /^(?:--([^=]+)|-(v))(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      errors.push(`unknown command-line argument: ${argument}`);
      continue;
    }
    const [, long, name = long ?? '', value] = match;
    if (value !== undefined) flags.push([name, value]);
    else if (isBoolean(name, args[at + 1])) flags.push([name, 'true']);
    else if (at + 1 < args.length) flags.push([name, args[++at]!]);
    else errors.push(BY_FLAG.has(name) ? `flag needs an argument: --${name}` : unknownFlag(name));
  }
  return { flags, errors };
}

/** Like `readArguments`. Throws an Error that lists all invalid arguments. */
export function flagsOfArguments(args: readonly string[]): FlagTexts {
  const { flags, errors } = readArguments(args);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return flags;
}

const ENVIRONMENT_PREFIX = 'ZEROPLANE_';

/** `ZEROPLANE_MAX_REQUESTS_INFLIGHT` sets `--max-requests-inflight`. Other variables are ignored. */
export function flagsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): FlagTexts {
  return Object.entries(environment).flatMap(([variable, text]) => {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || text === undefined) return [];
    const name = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll('_', '-');
    return BY_FLAG.has(name) ? [[name, text] as const] : [];
  });
}
