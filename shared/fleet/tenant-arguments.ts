/** The flags that a tenant may choose: those that touch nothing but the tenant. */

import { loadOptions } from '../server/options/completed-options.ts';
import type { ServerRunOptions } from '../server/options/options.ts';
import { flagsOfArguments, isServerFlag, readOptions } from '../server/options/parse-options.ts';
import { validateOptions } from '../server/options/validate-options.ts';
import { appendAll } from '../util/append-all.ts';

/**
 * The others name files of the host, say where the API is or who signs for it, or make the host call somebody: they
 * are the fleet's to give.
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

/** Modes that need a file, or nobody to be refused. */
const TENANT_AUTHORIZERS: ReadonlySet<string> = new Set(['AlwaysDeny', 'Node', 'RBAC']);

/**
 * `version`: the Kubernetes minor that clients see; absent: the one that is served. Rejects with an Error naming
 * everything that is wrong, a line each.
 */
export async function parseTenantArguments(
  given: readonly string[],
  version?: string,
): Promise<Partial<ServerRunOptions>> {
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
  appendAll(errors, validateOptions(await loadOptions(options)));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  // Nobody is left out who is everybody: a control plane that says nothing has RBAC. Nor does it tell everybody that it
  // is there, as upstream's does.
  return { authorizationMode: ['RBAC'], anonymousAuth: false, ...options };
}
