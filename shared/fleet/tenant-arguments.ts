/** The flags that a tenant may choose: those that affect only the tenant. */

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

/**
 * The others name files of the host, set the API's address or signers, or make the host call other servers: only the
 * operator of the fleet sets them.
 */
const TENANT_FLAGS: ReadonlySet<string> = new Set([
  'admission-control',
  'anonymous-auth',
  'api-audiences',
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

/** Plugins that do nothing without a file of the host. */
const CONFIGURED_PLUGINS: readonly string[] = ['EventRateLimit', 'ImagePolicyWebhook'];

/** Modes that need no file and don't allow every request. */
const TENANT_AUTHORIZERS: ReadonlySet<string> = new Set(['AlwaysDeny', 'Node', 'RBAC']);

/**
 * `version`: the Kubernetes minor that clients see; absent: the one that is served. Rejects with an Error that lists
 * all faults, one per line.
 */
export async function parseTenantArguments(
  given: readonly string[],
  version?: string,
): Promise<Partial<ServerRunOptions>> {
  const { options, errors } = await readTenantArguments(given, version);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  // Safe defaults: RBAC, since upstream's default allows everything, and no anonymous requests, which would reveal that
  // the tenant exists.
  return { authorizationMode: ['RBAC'], anonymousAuth: false, ...options };
}

/** All errors in the arguments, including those that would keep a server from being created with them. */
export async function tenantArgumentErrors(
  given: readonly string[],
  version?: string,
): Promise<readonly string[]> {
  const { options, errors } = await readTenantArguments(given, version);
  if (errors.length > 0) return errors;
  const { serverErrors } = await import('../server/options/check-configuration.ts');
  return serverErrors(options, { readFile: noFile });
}

/** A tenant has no files: flags that name files can't be chosen. */
export function noFile(path: string): never {
  throw new Error(`there is no file ${path} in a fleet`);
}

async function readTenantArguments(
  given: readonly string[],
  version: string | undefined,
): Promise<ReadFlags<ServerRunOptions>> {
  const flags = flagsOfArguments(given);
  const read = readOptions(flags);
  const options = { ...(version !== undefined && { emulatedVersion: [version] }), ...read.options };
  const errors = [
    ...read.errors,
    ...flags
      .filter(([flag]) => isServerFlag(flag) && !TENANT_FLAGS.has(flag))
      .map(([flag]) => `--${flag} can't be chosen by a control plane of a fleet`),
  ];
  for (const mode of options.authorizationMode ?? []) {
    if (!TENANT_AUTHORIZERS.has(mode)) {
      errors.push(`--authorization-mode=${mode} can't be chosen by a control plane of a fleet`);
    }
  }
  const plugged = [...(options.enableAdmissionPlugins ?? []), ...(options.admissionControl ?? [])];
  for (const name of CONFIGURED_PLUGINS.filter((one) => plugged.includes(one))) {
    errors.push(
      `--enable-admission-plugins=${name} can't be chosen by a control plane of a fleet: it needs a file`,
    );
  }
  const completed = await loadOptions(options);
  appendAll(errors, validateOptions(completed));
  const { admissionControl: onlyPlugins, enableAdmissionPlugins, disableAdmissionPlugins } = completed;
  const plugins = { enablePlugins: enableAdmissionPlugins, disablePlugins: disableAdmissionPlugins };
  appendAll(errors, validateAdmissionOptions({ ...plugins, onlyPlugins }));
  return { options, errors };
}
