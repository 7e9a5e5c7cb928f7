/** The Secret beside a `ControlPlane` that holds its kubeconfig. */

import type { Secret } from '../apis/core/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../meta/status-error.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import { CONTROL_PLANES, type ControlPlane } from './control-plane.ts';
import { Refusal } from './refusal.ts';
import type { TenantEntry } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
/** Cluster API's key for a kubeconfig. */
const KUBECONFIG_KEY = 'value';

/**
 * Writes the Secret unless it holds a usable kubeconfig, and returns its name. Throws a Refusal if another owner has
 * the name.
 */
export async function publishKubeconfig(
  client: LoopbackClient,
  host: Pick<TenantHost, 'isKubeconfigGood' | 'newKubeconfig'>,
  object: ControlPlane,
  entry: TenantEntry,
): Promise<string> {
  const { namespace, name: owner = '', uid = '' } = object.metadata;
  const name = `${owner}-kubeconfig`;
  let current: Secret | undefined;
  try {
    current = await client.get<Secret>(SECRETS, { namespace, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  if (
    current !== undefined &&
    !current.metadata.ownerReferences?.some((reference) => reference.uid === uid)
  ) {
    throw new Refusal('SecretTaken', `the Secret ${name} exists and does not belong to this control plane`);
  }
  const held = current?.data?.[KUBECONFIG_KEY];
  const text = held === undefined ? undefined : Buffer.from(held as string, 'base64').toString();
  if (text !== undefined && host.isKubeconfigGood(entry, text)) return name;
  const kubeconfig = await host.newKubeconfig(entry);
  const data = { [KUBECONFIG_KEY]: Buffer.from(kubeconfig).toString('base64') };
  if (current !== undefined) {
    await client.patch(SECRETS, { data }, { namespace, name });
    return name;
  }
  const ownerReferences = [
    {
      apiVersion: `${CONTROL_PLANES.group}/${CONTROL_PLANES.version}`,
      kind: 'ControlPlane',
      name: owner,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
  const labels = { 'cluster.x-k8s.io/cluster-name': owner };
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, labels, ownerReferences },
    type: 'Opaque',
    data: data as unknown as NonNullable<Secret['data']>,
  };
  try {
    await client.create(SECRETS, secret, { namespace });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new Error(`another client has created the Secret ${name} meanwhile`, { cause: error });
  }
  return name;
}
