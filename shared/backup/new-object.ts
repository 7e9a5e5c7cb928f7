/**
 * Converts stored objects to new ones for another cluster, without the fields that its servers and controllers write
 * themselves.
 */

import type { UnstructuredObject } from '../meta/kube-object.ts';
import type { OwnerReference } from '../meta/v1/types.ts';
import { deepCopy } from '../util/deep-copy.ts';

/** Metadata that the server sets on each created object. Owners have other uids there. */
const SERVERS_OWN = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'selfLink',
  'managedFields',
  'ownerReferences',
];

type Fields = Record<string, unknown>;

const fieldsAt = (object: Fields, ...path: string[]): Fields =>
  path.reduce<Fields>((fields, name) => (fields[name] ?? {}) as Fields, object);

function omit(fields: Fields, ...names: string[]): void {
  for (const name of names) delete fields[name];
}

/** By resource: removes fields that were generated for the object, and will be again. May change its argument. */
const RECREATED: Readonly<Record<string, (object: Fields) => void>> = {
  'jobs.batch': (job) => {
    if (fieldsAt(job, 'spec')['manualSelector'] === true) return;
    const ofPods = ['controller-uid', 'batch.kubernetes.io/controller-uid'];
    omit(fieldsAt(job, 'spec'), 'selector');
    for (const path of [
      ['metadata', 'labels'],
      ['spec', 'template', 'metadata', 'labels'],
    ]) {
      omit(fieldsAt(job, ...path), ...ofPods);
    }
  },
  persistentvolumes: (volume) => omit(fieldsAt(volume, 'spec', 'claimRef'), 'uid', 'resourceVersion'),
};

const isFinished = (object: Fields, ...types: string[]): boolean =>
  ((fieldsAt(object, 'status')['conditions'] ?? []) as { type: string; status: string }[]).some(
    ({ type, status }) => types.includes(type) && status === 'True',
  );

const CERTIFIED = 'certificates are requested in the cluster that signs them';

/** By resource: why an object can't be created; undefined: it can. */
const NOT_CREATED: Readonly<Record<string, (object: Fields) => string | undefined>> = {
  'ipaddresses.networking.k8s.io': (address) =>
    fieldsAt(address, 'spec', 'parentRef')['resource'] === 'services'
      ? 'services are assigned theirs on creation'
      : undefined,
  'certificatesigningrequests.certificates.k8s.io': () => CERTIFIED,
  'podcertificaterequests.certificates.k8s.io': () => CERTIFIED,
  'jobs.batch': (job) =>
    isFinished(job, 'Complete', 'Failed') ? 'they have finished, and would run again' : undefined,
  pods: (pod) =>
    ['Succeeded', 'Failed'].includes(String(fieldsAt(pod, 'status')['phase']))
      ? 'they have finished, and would run again'
      : undefined,
};

/** Why an object can't be created in another cluster; undefined: it can. `resource`: in the form `jobs.batch`. */
export function reasonNotCreated(resource: string, object: UnstructuredObject): string | undefined {
  if (object.metadata.deletionTimestamp) return 'they are being deleted';
  return NOT_CREATED[resource]?.(object);
}

export interface NewObject {
  readonly object: UnstructuredObject;
  /** The object's original owners, with the uids of its own cluster. */
  readonly owners: readonly OwnerReference[];
  /** The object's original uid, to which its dependents refer. */
  readonly uid: string;
}

/** `resource`: in the form `jobs.batch`. */
export function newObject(resource: string, stored: UnstructuredObject): NewObject {
  const { ownerReferences, uid = '' } = stored.metadata;
  const { status: _, ...object } = deepCopy(stored);
  omit(object.metadata as Fields, ...SERVERS_OWN);
  RECREATED[resource]?.(object);
  return { object, owners: ownerReferences ?? [], uid };
}
