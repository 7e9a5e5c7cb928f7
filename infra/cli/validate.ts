/** `zeroplane validate`: checks a configuration before it is used. */

import { resolve } from 'node:path';
import { functionFiles } from '../../functions/adapter/function-files.ts';
import { functionFlags } from '../../functions/adapter/function-server.ts';
import { ParameterStore } from '../../functions/adapter/parameter-store.ts';
import { checkConfiguration } from '../../shared/server/options/check-configuration.ts';
import { effectiveFlags, withoutEffect } from '../../shared/server/options/flags-without-effect.ts';
import { keyPairFileErrors } from '../../shared/server/options/option-file-errors.ts';
import { type FlagTexts, readArguments } from '../../shared/server/options/parse-options.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import { type ReadFile, readLocalFile } from '../../shared/util/read-file.ts';
import { readTemplate } from '../emulator/template.ts';
import { readStart } from '../local/read-start.ts';
import { isServingFlag, SERVING_FLAGS, splitFlags } from '../local/serving-flags.ts';
import type { StartOptions } from '../local/start.ts';
import { readTemplateParameters } from './template-parameters.ts';

export interface ValidateOptions {
  /** The arguments: flags as they would be given, or a template's parameters. */
  readonly words: readonly string[];
  /** Parses the options of `zeroplane start` itself; other words are kube-apiserver's. */
  readonly readStartOptions: (words: readonly string[]) => StartOptions;
  /** For a stack: files below `/zeroplane/TENANT/files/` are its parameters. */
  readonly tenant?: string | undefined;
  /** A stack's template, whose parameters the words are. */
  readonly template?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** For a stack: the folder of files that flags refer to as `config/NAME`. */
  readonly config?: string | undefined;
}

/** Flags of a host, as far as they could be read. */
interface HostFlags {
  /** The program that would be started, for the user. */
  readonly host: string;
  /** The server's. */
  readonly flags: FlagTexts;
  readonly ignored: readonly string[];
  /** One line per error. */
  readonly errors: readonly string[];
  readonly readFile: ReadFile;
}

/**
 * The warnings and errors that a host would report for its flags. Rejects with an Error that has all errors, one per
 * line.
 */
export async function validate(options: ValidateOptions): Promise<string> {
  const { host, flags, ignored, errors: own, readFile } = await hostFlags(options);
  const found = await checkConfiguration(flags, { readFile });
  const warnings = [withoutEffect(ignored), ...found.warnings].filter((text) => text !== undefined);
  const errors = [...new Set([...own, ...found.errors])];
  const warned = warnings.map((text) => `warning: ${text}\n`).join('');
  if (errors.length > 0) {
    throw new Error(`${warned}${errors.map((text) => `error: ${text}\n`).join('')}${count(errors.length)}`);
  }
  return `${warned}valid: ${host} starts with these ${options.template === undefined ? 'flags' : 'parameters'}`;
}

const count = (errors: number): string => (errors === 1 ? '1 error' : `${errors} errors`);

async function hostFlags(options: ValidateOptions): Promise<HostFlags> {
  if (options.template !== undefined) return templateFlags(options.template, options);
  const { words, tenant } = options;
  if (tenant !== undefined) return stackFlags(readArguments(words.flatMap(split)), tenant, options);
  const asked = options.readStartOptions(words);
  const isServing = readArguments(words).flags.some(([name]) => isServingFlag(name) && !isStartFlag(name));
  return isServing ? apiserverFlags(words) : startFlags(asked);
}

/** Splits arguments like `ServerArguments` of a stack. */
const split = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Both programs have flags with these names. */
const isStartFlag = (name: string): boolean => ['bind-address', 'secure-port'].includes(name);

function startFlags(asked: StartOptions): HostFlags {
  return { host: 'a server', ...readStart(asked), readFile: readLocalFile };
}

function apiserverFlags(words: readonly string[]): HostFlags {
  const { flags, errors } = readArguments(words);
  const { serving, server, ignored, errors: ofServing } = splitFlags(flags);
  const certificate = { flag: SERVING_FLAGS.tlsCertFile.flag, path: serving.tlsCertFile };
  const key = { flag: SERVING_FLAGS.tlsPrivateKeyFile.flag, path: serving.tlsPrivateKeyFile };
  return {
    host: 'zeroplane kube-apiserver',
    flags: server,
    ignored,
    errors: [...errors, ...ofServing, ...keyPairFileErrors(certificate, key, readLocalFile)],
    readFile: readLocalFile,
  };
}

async function stackFlags(
  given: { readonly flags: FlagTexts; readonly errors: readonly string[] },
  tenant: string,
  options: ValidateOptions,
): Promise<HostFlags> {
  const { server: flags, ignored, errors } = effectiveFlags(given.flags);
  const texts = flags.map(([, text]) => text);
  const readFile = await parametersAsFiles(tenant, texts, options);
  return { host: 'a server', flags, ignored, errors: [...given.errors, ...errors], readFile };
}

/** Flags as a stack's functions would get them. */
async function templateFlags(template: string, options: ValidateOptions): Promise<HostFlags> {
  const { values, errors, isWhole } = readTemplateParameters(template, options.words);
  const none = { host: 'a stack', flags: [], ignored: [], readFile: readLocalFile };
  if (!isWhole) return { ...none, errors };
  const { functions, objections } = readTemplate(template, values);
  const wrong = [...errors, ...objections];
  const environment = functions[0]?.environment;
  if (environment?.['ZEROPLANE_TENANT'] === undefined) return { ...none, errors: wrong };
  let flags: FlagTexts = [];
  try {
    flags = functionFlags({ ...environment });
  } catch (error) {
    appendAll(wrong, (error as Error).message.split('\n'));
  }
  const tenant = options.tenant ?? environment['ZEROPLANE_TENANT'];
  return { ...(await stackFlags({ flags, errors: wrong }, tenant, options)), host: 'a stack' };
}

async function parametersAsFiles(
  tenant: string,
  texts: readonly string[],
  { region, profile, config }: ValidateOptions,
): Promise<ReadFile> {
  const reasons: unknown[] = [];
  const log = { error: (_message: string, error: unknown) => reasons.push(error) };
  const parameters = new ParameterStore(tenant, log, { region, profile });
  try {
    const read = await functionFiles(texts, resolve(config ?? '.', '..'), parameters);
    return config === undefined ? refuseConfig(read) : read;
  } catch (error) {
    throw new Error([(error as Error).message, ...reasons.map(String)].join(': '), { cause: error });
  }
}

const refuseConfig =
  (read: ReadFile): ReadFile =>
  (path) => {
    if (path.startsWith('config/')) throw new Error(`${path} is in the folder that --config should name`);
    return read(path);
  };
