/** Finds all errors that would keep a server from starting, without starting it. */

import { validateAdmissionOptions } from '../../admission/options.ts';
import { newOIDCAuthenticators } from '../../authn/oidc/new-oidc-authenticators.ts';
import type { PairIndex, Storage, StorageConfig, StorageFactory } from '../../storage/storage.ts';
import { errorLines } from '../../util/error-lines.ts';
import { newLogger } from '../../util/logger.ts';
import type { ReadFile } from '../../util/read-file.ts';
import { createControlPlane } from '../create-control-plane.ts';
import type { HostKeys } from '../host-keys.ts';
import { type CompletedOptions, loadOptions } from './completed-options.ts';
import { fileErrors, fromFile, loadConfigFile } from './config-files.ts';
import { optionFileErrors } from './option-file-errors.ts';
import type { ServerRunOptions } from './options.ts';
import { type FlagTexts, readOptions } from './parse-options.ts';
import { optionWarnings, validateOptions } from './validate-options.ts';

export interface ConfigurationCheck {
  readonly errors: readonly string[];
  /** About deprecated settings. */
  readonly warnings: readonly string[];
}

export interface ConfigurationHost {
  readonly readFile: ReadFile;
  /** Provided by the host in addition to flags. */
  readonly base?: Partial<ServerRunOptions> | undefined;
  readonly keys?: HostKeys | undefined;
}

/**
 * Checks flags and the files they name. Lists each error once, with the server's text. Errors that need a complete
 * server (a key that doesn't match its certificate, a file of an admission plugin) are only looked for if there are no
 * others.
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

/** Errors about issuers in `--authentication-config`, if the file can be read. */
async function issuerErrors(
  { authenticationConfig: path, serviceAccountIssuer }: CompletedOptions,
  readFile: ReadFile,
): Promise<string[]> {
  const configuration = await loadConfigFile('authenticationConfig', path, readFile).catch(() => undefined);
  if (configuration === undefined) return [];
  return errorLines(() =>
    fromFile(path, () => newOIDCAuthenticators(configuration, { disallowedIssuers: serviceAccountIssuer })),
  );
}

/** The errors that are found by building a complete server, one per line. */
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

/** A server that is never started doesn't use its storage. */
const NO_STORAGE: StorageFactory = {
  storageFor: <T>({ resourcePrefix }: StorageConfig<T>) => ({ resourcePrefix }) as Storage<T>,
  pairs: () => ({}) as PairIndex,
  ready: async () => {},
  sweepExpired: async () => 0,
  removeLeftovers: async () => 0,
  fastForward: async () => {},
  newestRevision: async () => 0,
  prefetch: () => {},
  follow: () => {},
  gatherHeads: async () => {},
  refreshHeads: async () => {},
  written: async () => undefined,
  objectCounts: () => new Map(),
  close: async () => {},
};
