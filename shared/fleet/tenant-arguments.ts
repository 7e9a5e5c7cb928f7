/** The flags and configurations that a tenant may choose: those that affect only the tenant. */

import { validateAdmissionOptions } from '../admission/options.ts';
import { loadOptions } from '../server/options/completed-options.ts';
import type { ServerRunOptions } from '../server/options/options.ts';
import {
  flagsOfArguments,
  isServerFlag,
  type ReadFlags,
  readOptions,
} from '../server/options/parse-options.ts';
import { validateOptions } from '../server/options/validate-options.ts';
import { appendAll } from '../util/append-all.ts';
import { equalJSON } from '../util/json-equal.ts';
import type { ReadFile } from '../util/read-file.ts';
import { DEFAULT_ARGUMENTS } from './control-plane.ts';
import {
  CONFIGURATION_NAMES,
  CONFIGURATIONS,
  configurationPath,
  NO_FILES,
  type TenantFiles,
  tenantFileReader,
} from './tenant-configuration.ts';

/**
 * The others name files of the host, set the API's address or signers, or make the host call other servers: only the
 * operator of the fleet sets them.
 */
const TENANT_FLAGS: ReadonlySet<string> = new Set([
  'admission-control',
  'anonymous-auth',
  'api-audiences',
  'audit-webhook-initial-backoff',
  'audit-webhook-mode',
  'authentication-token-webhook-cache-ttl',
  'authentication-token-webhook-version',
  'authorization-mode',
  'cluster-signing-duration',
  'default-not-ready-toleration-seconds',
  'default-unreachable-toleration-seconds',
  'disable-admission-plugins',
  'enable-admission-plugins',
  'enable-bootstrap-token-auth',
  'etcd-compaction-interval',
  'emulation-forward-compatible',
  'event-ttl',
  'feature-gates',
  'min-compatibility-version',
  'oidc-client-id',
  'oidc-groups-claim',
  'oidc-groups-prefix',
  'oidc-issuer-url',
  'oidc-required-claim',
  'oidc-signing-algs',
  'oidc-username-claim',
  'oidc-username-prefix',
  'runtime-config',
  'runtime-config-emulation-forward-compatible',
  'service-account-extend-token-expiration',
  'service-account-max-token-expiration',
  'service-cluster-ip-range',
  'service-node-port-range',
]);

/** Files that flags may name: kubeconfigs of webhooks. */
export const FILE_FLAGS = {
  'audit-webhook-config-file': 'auditWebhookConfigFile',
  'authentication-token-webhook-config-file': 'authenticationTokenWebhookConfigFile',
} as const;

/** Modes that don't allow every request. */
export const TENANT_AUTHORIZERS = ['AlwaysDeny', 'Node', 'RBAC'];

/** A tenant's choices. */
export interface TenantChoice {
  readonly arguments: readonly string[];
  /** The Kubernetes minor that clients see; absent: the one that is served. */
  readonly version?: string | undefined;
  readonly files?: TenantFiles | undefined;
  /** The content of files that `files` lacks; absent: they are faults. */
  readonly unknownFile?: string | undefined;
}

export interface TenantOptions {
  readonly options: Partial<ServerRunOptions>;
  readonly readFile: ReadFile;
}

/** Rejects with an Error that lists all faults, one per line. */
export async function parseTenantArguments(choice: TenantChoice): Promise<TenantOptions> {
  const { options, errors, readFile } = await readTenantArguments(choice);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return { options, readFile };
}

/** `errors`: about arguments. */
interface ReadChoice extends ReadFlags<ServerRunOptions> {
  readonly readFile: ReadFile;
}

export async function readTenantArguments({
  arguments: given,
  version,
  files = NO_FILES,
  unknownFile,
}: TenantChoice): Promise<ReadChoice> {
  const flags = flagsOfArguments(argumentsBeside(files, given));
  const read = readOptions(flags);
  const options: Partial<ServerRunOptions> = {
    ...(version !== undefined && { emulatedVersion: [version] }),
    ...defaultsBeside(files),
    ...read.options,
    ...filePaths(files, read.options),
  };
  const errors = [
    ...read.errors,
    ...flags
      .filter(([flag]) => isServerFlag(flag) && !TENANT_FLAGS.has(flag) && !Object.hasOwn(FILE_FLAGS, flag))
      .map(([flag]) => `--${flag} can't be chosen by a control plane of a fleet`),
  ];
  const completed = await loadOptions(options);
  // An empty list stands for AlwaysAllow.
  for (const mode of completed.authorizationMode) {
    if (!TENANT_AUTHORIZERS.includes(mode)) {
      errors.push(`--authorization-mode=${mode} can't be chosen by a control plane of a fleet`);
    }
  }
  appendAll(errors, validateOptions(completed));
  const { admissionControl: onlyPlugins, enableAdmissionPlugins, disableAdmissionPlugins } = completed;
  const plugins = { enablePlugins: enableAdmissionPlugins, disablePlugins: disableAdmissionPlugins };
  appendAll(errors, validateAdmissionOptions({ ...plugins, onlyPlugins }));
  return { options, errors, readFile: tenantFileReader(files, unknownFile) };
}

/** The default arguments name an authorization mode, which a configuration of authorizers replaces. */
function argumentsBeside({ configurations }: TenantFiles, given: readonly string[]): readonly string[] {
  return configurations.authorization !== undefined && equalJSON(given, DEFAULT_ARGUMENTS) ? [] : given;
}

/**
 * Safe defaults: RBAC, since upstream's default allows everything, and no anonymous requests, which would reveal that
 * the tenant exists. Configurations replace them.
 */
function defaultsBeside({ configurations }: TenantFiles): Partial<ServerRunOptions> {
  const { authentication, authorization } = configurations;
  return {
    ...(authorization === undefined && { authorizationMode: ['RBAC'] }),
    anonymousAuth: authentication !== undefined && Object.hasOwn(authentication, 'anonymous'),
  };
}

function filePaths(
  { configurations }: TenantFiles,
  options: Partial<ServerRunOptions>,
): Partial<ServerRunOptions> {
  const given = CONFIGURATION_NAMES.filter((name) => configurations[name] !== undefined);
  const paths = given.map((name) => [CONFIGURATIONS[name].option, configurationPath(name)]);
  const named = Object.values(FILE_FLAGS).flatMap((option) => {
    const path = options[option] ?? '';
    return path === '' ? [] : [[option, `/${path.replace(/^\/+/, '')}`]];
  });
  return {
    ...Object.fromEntries([...paths, ...named]),
    // The host's output, where the events name their tenant.
    ...(configurations.audit !== undefined && { auditLogPath: '-' }),
  };
}
