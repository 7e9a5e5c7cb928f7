/** Everything that keeps a server from starting, without starting one. */

import { validateAdmissionOptions } from '../../admission/options.ts';
import { newOIDCAuthenticators } from '../../authn/oidc/new-oidc-authenticators.ts';
import type { PairIndex, Storage, StorageConfig, StorageFactory } from '../../storage/storage.ts';
import { errorLines } from '../../util/error-lines.ts';
import { newLogger } from '../../util/logger.ts';
import type { ReadFile } from '../../util/read-file.ts';
import { createControlPlane } from '../create-control-plane.ts';
import type { HostKeys } from '../host-keys.ts';
import { type CompletedOptions, loadOptions } from './completed-options.ts';
import { fileErrors, loadConfigFile, madeOfFile } from './config-files.ts';
import { optionFileErrors } from './option-file-errors.ts';
import type { ServerRunOptions } from './options.ts';
import { type FlagTexts, readOptions } from './parse-options.ts';
import { optionWarnings, validateOptions } from './validate-options.ts';

export interface ConfigurationCheck {
  readonly errors: readonly string[];
  /** Of what will not work for ever. */
  readonly warnings: readonly string[];
}

export interface ConfigurationHost {
  readonly readFile: ReadFile;
  /** What the host gives beside the flags. */
  readonly base?: Partial<ServerRunOptions> | undefined;
  readonly keys?: HostKeys | undefined;
}

/**
 * Flags, and the files that they name: each error once, as the server words it. What only a whole server finds (a key
 * that doesn't fit its certificate, an admission plugin's file) is looked for when nothing else is wrong.
 */
export async function checkConfiguration(
  flags: FlagTexts,
  { readFile, base = {}, keys }: ConfigurationHost,
): Promise<ConfigurationCheck> {
  const given = readOptions(flags);
  const options = await loadOptions({ ...base, ...given.options });
  const errors = [
    ...given.errors,
    ...validateOptions(options),
    ...(await fileErrors(options, readFile)),
    ...(await issuerErrors(options, readFile)),
    ...optionFileErrors(options, readFile),
    ...validateAdmissionOptions({
      onlyPlugins: options.admissionControl,
      enablePlugins: options.enableAdmissionPlugins,
      disablePlugins: options.disableAdmissionPlugins,
    }),
  ];
  const found = errors.length > 0 ? errors : await serverErrors(options, { readFile, keys });
  return { errors: [...new Set(found)], warnings: optionWarnings(options) };
}

/** Of `--authentication-config`, where it can be read: what it says of issuers. */
async function issuerErrors(
  { authenticationConfig: path, serviceAccountIssuer }: CompletedOptions,
  readFile: ReadFile,
): Promise<string[]> {
  const configuration = await loadConfigFile('authenticationConfig', path, readFile).catch(() => undefined);
  if (configuration === undefined) return [];
  return errorLines(() =>
    madeOfFile(path, () => newOIDCAuthenticators(configuration, { disallowedIssuers: serviceAccountIssuer })),
  );
}

/** What only a whole server finds: a line for each thing wrong. */
export function serverErrors(
  options: Partial<ServerRunOptions>,
  host: Pick<ConfigurationHost, 'readFile' | 'keys'>,
): Promise<string[]> {
  return errorLines(async () => {
    const plane = await createControlPlane({
      storage: NO_STORAGE,
      options,
      controllers: 'whenAsked',
      logger: newLogger(() => {}),
      ...host,
    });
    await plane.close();
  });
}

/** A server that is never started asks for nothing. */
const NO_STORAGE: StorageFactory = {
  storageFor: <T>({ resourcePrefix }: StorageConfig<T>) => ({ resourcePrefix }) as Storage<T>,
  pairs: () => ({}) as PairIndex,
  ready: async () => {},
  sweepExpired: async () => 0,
  removeLeftovers: async () => 0,
  fastForward: async () => {},
  newestRevision: async () => 0,
  foresee: () => {},
  follow: () => {},
  gatherHeads: async () => {},
  look: async () => {},
  written: async () => undefined,
  objectCounts: () => new Map(),
  close: async () => {},
};
