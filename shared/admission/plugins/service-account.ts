import { setTimeout as sleep } from 'node:timers/promises';
import { podSecretNames } from '../../apis/core/pod-references.ts';
import type { Pod, ServiceAccount } from '../../apis/core/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { AdmissionAttributes, AdmissionPluginFactory, PrefetchAttributes } from '../admission.ts';
import { isPod, isResource, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import {
  disallowedPullSecret,
  disallowedSecret,
  enforcesMountableSecrets,
  ephemeralSecretReferences,
  secretReferences,
} from '../mountable-secrets.ts';
import { mountServiceAccountToken } from '../service-account-token.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const SERVICE_ACCOUNTS = { group: '', resource: 'serviceaccounts' };
const DEFAULT_NAME = 'default';
/** The default account is created shortly after its namespace; until then, pods are retried. */
const DEFAULT_ATTEMPTS = 10;
const RETRY_MS = { least: 100, spread: 100 };

/** Assigns a service account to every pod, with its token and image pull secrets. */
export const serviceAccount: AdmissionPluginFactory = ({ resources }) => ({
  name: 'ServiceAccount',
  handles: operations('CREATE', 'UPDATE'),
  judges: [PODS],
  reads: (attributes) =>
    isPod(attributes) && attributes.operation === 'CREATE'
      ? [
          {
            ...SERVICE_ACCOUNTS,
            object: { namespace: attributes.namespace, name: accountNameOf(attributes) },
          },
        ]
      : [],
  async admit(attributes, context) {
    if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
    const pod = attributes.object as Pod;
    // The kubelet would treat a modified mirror pod as a different pod.
    if (isMirror(pod)) return validateMirror(attributes, pod);
    pod.spec.serviceAccountName ||= DEFAULT_NAME;
    pod.spec.serviceAccount = pod.spec.serviceAccountName;
    const account = await accountOf(resources, attributes, context);
    const automount = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (automount) mountServiceAccountToken(pod.spec);
    if ((pod.spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      pod.spec.imagePullSecrets = account.imagePullSecrets!.map(({ name }) => ({ name }));
    }
  },
  async validate(attributes, context) {
    if (attributes.operation === 'UPDATE') {
      if (!isResource(attributes, '', 'pods') || attributes.subresource !== 'ephemeralcontainers') return;
      const account = await accountOf(resources, attributes, context);
      if (!enforcesMountableSecrets(account)) return;
      const why = disallowedSecret(ephemeralSecretReferences((attributes.object as Pod).spec), account);
      if (why !== undefined) throw forbidden(attributes, why);
      return;
    }
    if (!isPod(attributes)) return;
    const pod = attributes.object as Pod;
    if (isMirror(pod)) return validateMirror(attributes, pod);
    if (!pod.spec.serviceAccountName) {
      const name = pod.metadata.name ?? '';
      throw forbidden(attributes, `no service account specified for pod ${attributes.namespace}/${name}`);
    }
    const account = await accountOf(resources, attributes, context);
    if (!enforcesMountableSecrets(account)) return;
    const why =
      disallowedSecret(secretReferences(pod.spec), account) ?? disallowedPullSecret(pod.spec, account);
    if (why !== undefined) throw forbidden(attributes, why);
  },
});

function isMirror({ metadata: { annotations = {} } }: Pod): boolean {
  return Object.hasOwn(annotations, MIRROR_ANNOTATION);
}

function validateMirror(attributes: AdmissionAttributes, { spec }: Pod): void {
  if (spec.serviceAccountName) {
    throw forbidden(attributes, 'a mirror pod may not reference service accounts');
  }
  if (podSecretNames(spec).length > 0) {
    throw forbidden(attributes, 'a mirror pod may not reference secrets');
  }
  for (const { projected } of spec.volumes ?? []) {
    if ((projected?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken !== undefined)) {
      throw forbidden(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  }
}

/** The account's name, or the default before the pod is known. */
function accountNameOf({ object }: Pick<PrefetchAttributes, 'object'>): string {
  return (object as Pod | undefined)?.spec?.serviceAccountName || DEFAULT_NAME;
}

async function accountOf(
  resources: ResourceAccess,
  attributes: AdmissionAttributes,
  context: RequestContext,
): Promise<ServiceAccount> {
  const lister = resources.lister<ServiceAccount>(SERVICE_ACCOUNTS);
  const { namespace } = attributes;
  const name = accountNameOf(attributes);
  const cached = await lister.get(namespace, name);
  if (cached !== undefined) return cached;
  const attempts = name === DEFAULT_NAME ? DEFAULT_ATTEMPTS : 1;
  const pause = RETRY_MS.least + Math.random() * RETRY_MS.spread;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(pause, undefined, { signal: context.signal });
    const found = await lister.get(namespace, name, 0);
    if (found !== undefined) return found;
  }
  const { message } = newNotFound({ group: '', resource: 'serviceaccount' }, name);
  throw forbidden(attributes, `error looking up service account ${namespace}/${name}: ${message}`);
}
