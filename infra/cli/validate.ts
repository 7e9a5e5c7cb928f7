/** `zeroplane validate`: what is wrong with a configuration, before it is live. */

import { resolve } from 'node:path';
import { functionFiles } from '../../functions/adapter/function-files.ts';
import { ParameterStore } from '../../functions/adapter/parameter-store.ts';
import { checkConfiguration } from '../../shared/server/options/check-configuration.ts';
import { flagsOfArguments } from '../../shared/server/options/parse-options.ts';
import { type ReadFile, readLocalFile } from '../../shared/util/read-file.ts';

export interface ValidateOptions {
  /** kube-apiserver's flags, as they would be given. */
  readonly serverArguments: readonly string[];
  /** Of a stack: files below `/zeroplane/TENANT/files/` are its parameters. */
  readonly tenant?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Of a stack: what flags name as `config/NAME`. */
  readonly config?: string | undefined;
}

/** What a server would say of the flags: warnings, then errors. Rejects with an Error of all errors, a line each. */
export async function validate(options: ValidateOptions): Promise<string> {
  const { serverArguments } = options;
  const flags = flagsOfArguments(serverArguments.flatMap((text) => text.split(/\s+/).filter(Boolean)));
  const texts = flags.map(([, text]) => text);
  const { errors, warnings } = await checkConfiguration(flags, {
    readFile: await readFileOf(options, texts),
  });
  const warned = warnings.map((text) => `warning: ${text}\n`).join('');
  if (errors.length > 0) {
    throw new Error(`${warned}${errors.map((text) => `error: ${text}\n`).join('')}${count(errors.length)}`);
  }
  return `${warned}valid: a server starts with these flags`;
}

const count = (errors: number): string => (errors === 1 ? '1 error' : `${errors} errors`);

async function readFileOf(
  { tenant, region, profile, config }: ValidateOptions,
  texts: readonly string[],
): Promise<ReadFile> {
  if (tenant === undefined) return readLocalFile;
  const reasons: unknown[] = [];
  const parameters = new ParameterStore(
    tenant,
    { error: (_message, error) => reasons.push(error) },
    {
      region,
      profile,
    },
  );
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
