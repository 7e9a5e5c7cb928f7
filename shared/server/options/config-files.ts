/** Structured files named by options, read and parsed before the server is built. */

import { dirname, resolve } from 'node:path';
import type { AdmissionConfiguration } from '../../admission/configuration.ts';
import type { Policy } from '../../audit/policy.ts';
import type { AWSIAMConfiguration } from '../../authn/awsiam/configuration.ts';
import type { AuthenticationConfiguration } from '../../authn/oidc/configuration.ts';
import type { ABACPolicy } from '../../authz/abac/policy.ts';
import type { AuthorizerEntry } from '../../authz/configuration.ts';
import type { ReloadMetrics, ReloadSubsystem } from '../../metrics/reload-metrics.ts';
import type { WebhookConnection } from '../../request/webhook/kubeconfig.ts';
import type { ResourceEncryption } from '../../storage/encryption/configuration.ts';
import { errorLines } from '../../util/error-lines.ts';
import type { Logger } from '../../util/logger.ts';
import type { ReadFile } from '../../util/read-file.ts';
import { ReloadedFile } from '../../util/reloaded-file.ts';
import type { TracingConfiguration } from '../tracing/tracing-configuration.ts';
import type { CompletedOptions } from './completed-options.ts';

/** Parsed contents, keyed by option name; undefined if the option is empty. */
interface ParsedFiles {
  readonly allowMetricLabelsManifest?: ReadonlyMap<string, string> | undefined;
  readonly admissionControlConfigFile?: AdmissionConfiguration | undefined;
  readonly auditPolicyFile?: Policy | undefined;
  readonly auditWebhookConfigFile?: WebhookConnection | undefined;
  readonly authenticationAWSIAMConfig?: AWSIAMConfiguration | undefined;
  readonly authenticationConfig?: AuthenticationConfiguration | undefined;
  readonly authenticationTokenWebhookConfigFile?: WebhookConnection | undefined;
  readonly authorizationConfig?: readonly ConfiguredAuthorizer[] | undefined;
  readonly authorizationPolicyFile?: readonly ABACPolicy[] | undefined;
  readonly authorizationWebhookConfigFile?: WebhookConnection | undefined;
  readonly encryptionProviderConfig?: readonly ResourceEncryption[] | undefined;
  readonly tracingConfigFile?: TracingConfiguration | undefined;
}

export interface ConfigFiles extends ParsedFiles {
  /** The source texts by path. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
}

/** `connection` is set for webhooks. */
export type ConfiguredAuthorizer = AuthorizerEntry & { readonly connection?: WebhookConnection | undefined };

type Loader<T> = (text: string, path: string, readFile: ReadFile) => Promise<T>;

/** Rejects with an Error that names the file. */
async function readAndLoad<T>(path: string, load: Loader<T>, readFile: ReadFile): Promise<T> {
  try {
    return await load(readFile(path), path, readFile);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

// Parsers are loaded with the first file that needs them, because most servers have none.

const loadKubeconfig: Loader<WebhookConnection> = async (text, path, readFile) => {
  const { parseKubeconfig } = await import('../../request/webhook/kubeconfig.ts');
  return parseKubeconfig(text, (name) => readFile(resolve(dirname(path), name)));
};

const loadAuthorizers: Loader<readonly ConfiguredAuthorizer[]> = async (text, _path, readFile) => {
  const { parseAuthorizationConfiguration } = await import('../../authz/configuration.ts');
  return Promise.all(
    (await parseAuthorizationConfiguration(text)).map(async (entry) => {
      if (entry.webhook === undefined) return entry;
      const { kubeConfigFile } = entry.webhook;
      return { ...entry, connection: await readAndLoad(kubeConfigFile, loadKubeconfig, readFile) };
    }),
  );
};

/** The options that name such files. */
export type ConfigFileOption = keyof ParsedFiles;

type Parsed = { readonly [K in keyof ParsedFiles]-?: NonNullable<ParsedFiles[K]> };

const LOADERS: { readonly [K in keyof Parsed]: Loader<Parsed[K]> } = {
  allowMetricLabelsManifest: async (text) =>
    (await import('./metric-labels-manifest.ts')).parseMetricLabelsManifest(text),
  admissionControlConfigFile: async (text, path, readFile) =>
    (await import('../../admission/configuration.ts')).parseAdmissionConfiguration(text, path, readFile),
  auditPolicyFile: async (text) => (await import('../../audit/policy.ts')).loadPolicy(text),
  auditWebhookConfigFile: loadKubeconfig,
  authenticationAWSIAMConfig: async (text) =>
    (await import('../../authn/awsiam/configuration.ts')).parseAWSIAMConfiguration(text),
  authenticationConfig: async (text) =>
    (await import('../../authn/oidc/configuration.ts')).parseAuthenticationConfiguration(text),
  authenticationTokenWebhookConfigFile: loadKubeconfig,
  authorizationConfig: loadAuthorizers,
  authorizationPolicyFile: async (text, path) =>
    (await import('../../authz/abac/policy.ts')).parsePolicyFile(text, path),
  authorizationWebhookConfigFile: loadKubeconfig,
  encryptionProviderConfig: async (text) =>
    (await import('../../storage/encryption/configuration.ts')).parseEncryptionConfiguration(text),
  tracingConfigFile: async (text) =>
    (await import('../tracing/tracing-configuration.ts')).parseTracingConfiguration(text),
};

/**
 * Reads one of the files, for hosts that share it between control planes; undefined for an empty path. Rejects with an
 * Error that names the file.
 */
export async function loadConfigFile<K extends keyof Parsed>(
  option: K,
  path: string,
  readFile: ReadFile,
): Promise<Parsed[K] | undefined> {
  const load: Loader<Parsed[K]> = LOADERS[option];
  return path === '' ? undefined : readAndLoad(path, load, readFile);
}

/** Rejects with an Error that names the file. */
export async function loadConfigFiles(options: CompletedOptions, readFile: ReadFile): Promise<ConfigFiles> {
  const texts = new Map<string, string>();
  const read: ReadFile = (path) => {
    const text = readFile(path);
    texts.set(path, text);
    return text;
  };
  const entries = Object.entries(LOADERS).map(async ([option, load]) => {
    const path = options[option as keyof ParsedFiles];
    return [option, path === '' ? undefined : await readAndLoad<unknown>(path, load, read)];
  });
  return { ...Object.fromEntries(await Promise.all(entries)), texts };
}

/** The errors in the files, each with its path; empty if `loadConfigFiles` would succeed. */
export async function fileErrors(options: CompletedOptions, readFile: ReadFile): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(LOADERS).map(async ([option, load]) => {
      const path = options[option as keyof ParsedFiles];
      return path === '' ? [] : errorLines(() => readAndLoad<unknown>(path, load, readFile));
    }),
  );
  return found.flat();
}

/** Dependencies for reading and reloading files. */
export interface FileParts {
  readonly files: ConfigFiles;
  readonly readFile: ReadFile;
  readonly logger: Logger;
  readonly reloads: ReloadMetrics;
}

/** Returns the result of `make`; errors it throws get the path of the file as prefix. */
export function fromFile<V>(path: string, make: () => V): V {
  try {
    return make();
  } catch (cause) {
    const lines = (cause as Error).message.split('\n');
    throw new Error(lines.map((line) => `${path}: ${line}`).join('\n'), { cause });
  }
}

const RELOADED: Partial<Record<keyof Parsed, ReloadSubsystem>> = {
  authenticationConfig: 'authentication_config',
  authorizationConfig: 'authorization_config',
  encryptionProviderConfig: 'encryption_config',
};

/**
 * A reloaded file of an option and the value made from it. `make` rejects if the new content can't replace the value.
 */
export function reloadedFile<K extends keyof Parsed, V>(
  option: K,
  options: CompletedOptions,
  { files, readFile, logger, reloads }: FileParts,
  { value, make }: { value: V; make(parsed: Parsed[K]): V | Promise<V> },
): ReloadedFile<V> {
  const path = options[option];
  const parse: Loader<Parsed[K]> = LOADERS[option];
  return new ReloadedFile({
    path,
    readFile,
    value,
    text: files.texts?.get(path) ?? '',
    load: async (text) => make(await parse(text, path, readFile)),
    logger,
    observer: reloads.observer(RELOADED[option]!),
  });
}
