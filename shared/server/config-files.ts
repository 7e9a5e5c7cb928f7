/** The files that options name and that say more than one value: read and parsed before the server is built. */

import { dirname, resolve } from 'node:path';
import { loadPolicy, type Policy } from '../audit/policy.ts';
import { type AWSIAMConfiguration, parseAWSIAMConfiguration } from '../authn/awsiam/configuration.ts';
import {
  type AuthenticationConfiguration,
  parseAuthenticationConfiguration,
} from '../authn/oidc/configuration.ts';
import { type ABACPolicy, parsePolicyFile } from '../authz/abac/policy.ts';
import { type AuthorizerEntry, parseAuthorizationConfiguration } from '../authz/configuration.ts';
import type { LogError } from '../endpoints/filters/panic-recovery.ts';
import { parseKubeconfig, type WebhookConnection } from '../request/webhook/kubeconfig.ts';
import {
  parseEncryptionConfiguration,
  type ResourceEncryption,
} from '../storage/encryption/configuration.ts';
import type { ReadFile } from '../util/read-file.ts';
import type { CompletedOptions } from './completed-options.ts';
import { ReloadedFile } from './reloaded-file.ts';

/** Parsed contents, under the names of the options; undefined where the option is empty. */
export interface ParsedFiles {
  readonly auditPolicyFile?: Policy | undefined;
  readonly auditWebhookConfigFile?: WebhookConnection | undefined;
  readonly authenticationAWSIAMConfig?: AWSIAMConfiguration | undefined;
  readonly authenticationConfig?: AuthenticationConfiguration | undefined;
  readonly authenticationTokenWebhookConfigFile?: WebhookConnection | undefined;
  readonly authorizationConfig?: readonly ConfiguredAuthorizer[] | undefined;
  readonly authorizationPolicyFile?: readonly ABACPolicy[] | undefined;
  readonly authorizationWebhookConfigFile?: WebhookConnection | undefined;
  readonly encryptionProviderConfig?: readonly ResourceEncryption[] | undefined;
}

export interface ConfigFiles extends ParsedFiles {
  /** What the parsed contents were made from, by path. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
}

/** `connection` of webhooks. */
export type ConfiguredAuthorizer = AuthorizerEntry & { readonly connection?: WebhookConnection | undefined };

type Loader<T> = (text: string, path: string, readFile: ReadFile) => Promise<T>;

/** Throws an Error that names the file. */
async function readAndLoad<T>(path: string, load: Loader<T>, readFile: ReadFile): Promise<T> {
  try {
    return await load(readFile(path), path, readFile);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

const loadKubeconfig: Loader<WebhookConnection> = (text, path, readFile) =>
  parseKubeconfig(text, (name) => readFile(resolve(dirname(path), name)));

const loadAuthorizers: Loader<readonly ConfiguredAuthorizer[]> = async (text, _path, readFile) =>
  Promise.all(
    (await parseAuthorizationConfiguration(text)).map(async (entry) => {
      if (entry.webhook === undefined) return entry;
      const { kubeConfigFile } = entry.webhook;
      return { ...entry, connection: await readAndLoad(kubeConfigFile, loadKubeconfig, readFile) };
    }),
  );

type Parsed = { readonly [K in keyof ParsedFiles]-?: NonNullable<ParsedFiles[K]> };

const LOADERS: { readonly [K in keyof Parsed]: Loader<Parsed[K]> } = {
  auditPolicyFile: loadPolicy,
  auditWebhookConfigFile: loadKubeconfig,
  authenticationAWSIAMConfig: parseAWSIAMConfiguration,
  authenticationConfig: parseAuthenticationConfiguration,
  authenticationTokenWebhookConfigFile: loadKubeconfig,
  authorizationConfig: loadAuthorizers,
  authorizationPolicyFile: async (text, path) => parsePolicyFile(text, path),
  authorizationWebhookConfigFile: loadKubeconfig,
  encryptionProviderConfig: parseEncryptionConfiguration,
};

/** Throws an Error that names the file. */
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

/** What reading files takes, again and again. */
export interface FileParts {
  readonly files: ConfigFiles;
  readonly readFile: ReadFile;
  readonly logError: LogError;
}

/** The file of an option, and what is made of it; `make` rejects for what can't take the value's place. */
export function reloadedFile<K extends keyof Parsed, V>(
  option: K,
  options: CompletedOptions,
  { files, readFile, logError }: FileParts,
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
    logError,
  });
}

/** Throws if an option names a file that wasn't loaded: a server must not come up without what it was told to obey. */
export function checkConfigFiles(options: CompletedOptions, files: ConfigFiles): void {
  for (const option of Object.keys(LOADERS) as (keyof ParsedFiles)[]) {
    if (options[option] !== '' && files[option] === undefined) {
      throw new Error(`${options[option]} was not loaded`);
    }
  }
}
