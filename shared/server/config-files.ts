/** The files that options name and that say more than one value: read and parsed once, before the server is built. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadPolicy, type Policy } from '../audit/policy.ts';
import { parseKubeconfig, type WebhookClientConfig } from '../request/webhook/kubeconfig.ts';
import type { CompletedOptions } from './completed-options.ts';

/** Parsed contents, under the names of the options; undefined where the option is empty. */
export interface ConfigFiles {
  readonly auditPolicyFile?: Policy | undefined;
  readonly auditWebhookConfigFile?: WebhookClientConfig | undefined;
  readonly authenticationTokenWebhookConfigFile?: WebhookClientConfig | undefined;
  readonly authorizationWebhookConfigFile?: WebhookClientConfig | undefined;
}

type Loader<T> = (text: string, path: string) => Promise<T>;

const loadKubeconfig: Loader<WebhookClientConfig> = (text, path) =>
  parseKubeconfig(text, (name) => readFileSync(resolve(dirname(path), name), 'utf8'));

const LOADERS: { readonly [K in keyof ConfigFiles]-?: Loader<ConfigFiles[K]> } = {
  auditPolicyFile: loadPolicy,
  auditWebhookConfigFile: loadKubeconfig,
  authenticationTokenWebhookConfigFile: loadKubeconfig,
  authorizationWebhookConfigFile: loadKubeconfig,
};

/** Throws an Error that names the file. */
export async function loadConfigFiles(options: CompletedOptions): Promise<ConfigFiles> {
  const entries = Object.entries(LOADERS).map(async ([option, load]) => {
    const path = options[option as keyof ConfigFiles];
    if (path === '') return [option, undefined];
    try {
      return [option, await load(readFileSync(path, 'utf8'), path)];
    } catch (cause) {
      throw new Error(`${path}: ${(cause as Error).message}`, { cause });
    }
  });
  return Object.fromEntries(await Promise.all(entries)) as ConfigFiles;
}

/** Throws if an option names a file that wasn't loaded: a server must not come up without what it was told to obey. */
export function checkConfigFiles(options: CompletedOptions, files: ConfigFiles): void {
  for (const option of Object.keys(LOADERS) as (keyof ConfigFiles)[]) {
    if (options[option] !== '' && files[option] === undefined) {
      throw new Error(`${options[option]} was not loaded`);
    }
  }
}
