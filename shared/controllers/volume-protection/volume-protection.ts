/**
 * Removes the protection of claims and volumes that are no longer in use: the counterpart of the
 * StorageObjectInUseProtection plugin.
 */

import { isPodTerminal } from '../../apis/core/pod-conditions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { GroupResource, GroupVersionResource } from '../../runtime/group-version.ts';
import { breathe } from '../../util/breathe.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { ENDED, TERMINATING } from '../stored-texts.ts';

const PODS = { group: '', resource: 'pods' };

interface Protection<T extends KubeObject> {
  readonly name: string;
  readonly resource: GroupVersionResource;
  readonly finalizer: string;
  isInUse(object: T, resources: ResourceAccess): Promise<boolean>;
  /** Keys of the objects that the end of another object may release. */
  freedBy(change: Change): string[];
  /** Whether ends of this resource's objects may release some. */
  waitsFor(resource: GroupResource): boolean;
}

/** Names of the claims that a pod mounts, ephemeral volumes included. */
function claimsOf(pod: Pod): string[] {
  // Of a deleted pod only the name may be known.
  return ((pod.spec as PodSpec | undefined)?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
}

/** Cached, since a pod may use many claims, and many may wait for it. */
const claimsOfPod = new WeakMap<Pod, ReadonlySet<string>>();

function uses(pod: Pod, claim: string): boolean {
  let claims = claimsOfPod.get(pod);
  if (claims === undefined) {
    claims = new Set(isPodTerminal(pod) ? [] : claimsOf(pod));
    claimsOfPod.set(pod, claims);
  }
  return claims.has(claim);
}

export const CLAIM_PROTECTION: Protection<PersistentVolumeClaim> = {
  name: 'persistentvolumeclaim-protection-controller',
  resource: { group: '', version: 'v1', resource: 'persistentvolumeclaims' },
  finalizer: 'kubernetes.io/pvc-protection',
  isInUse: async ({ metadata }, resources) => {
    for (const pod of await resources.lister<Pod>(PODS).list(metadata.namespace!, 0)) {
      await breathe();
      if (uses(pod, metadata.name!)) return true;
    }
    return false;
  },
  freedBy: (change) => {
    if (!isResource(change.resource, '', 'pods') || change.type === 'ADDED') return [];
    if (change.type === 'MODIFIED' && change.contains?.(ENDED) === false) return [];
    const pod = change.object() as Pod;
    if (change.type === 'MODIFIED' && !isPodTerminal(pod)) return [];
    return claimsOf(pod).map((claim) => `${change.namespace}/${claim}`);
  },
  waitsFor: (resource) => isResource(resource, '', 'pods'),
};

export const VOLUME_PROTECTION: Protection<PersistentVolume> = {
  name: 'persistentvolume-protection-controller',
  resource: { group: '', version: 'v1', resource: 'persistentvolumes' },
  finalizer: 'kubernetes.io/pv-protection',
  isInUse: async ({ status }) => status.phase === 'Bound',
  freedBy: () => [],
  waitsFor: () => false,
};

export class VolumeProtection<T extends KubeObject> implements Controller {
  readonly name: string;
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  readonly #protection: Protection<T>;

  constructor(resources: ResourceAccess, protection: Protection<T>) {
    this.name = protection.name;
    this.#resources = resources;
    this.#protection = protection;
  }

  keysFor(change: Change): string[] {
    const { resource } = this.#protection;
    if (!isResource(change.resource, resource.group, resource.resource))
      return this.#protection.freedBy(change);
    if (change.type === 'DELETED' || change.contains?.([TERMINATING]) === false) return [];
    if (!change.object().metadata.deletionTimestamp) return [];
    return [change.namespace === '' ? change.name : `${change.namespace}/${change.name}`];
  }

  async keysAfterEnd({ resource, namespace, object }: Change): Promise<string[]> {
    // With the whole object, `keysFor` knows what it may have blocked.
    if (!this.#protection.waitsFor(resource) || object().metadata.uid) return [];
    return (await this.allKeys()).filter((key) => key.startsWith(`${namespace}/`));
  }

  async allKeys(): Promise<string[]> {
    const snapshot = await this.#resources.lister<T>(this.#protection.resource).snapshot(0);
    const candidates = await snapshot.containing([TERMINATING]);
    return candidates
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ metadata }) =>
        metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name!,
      );
  }

  async reconcile(key: string): Promise<undefined> {
    const slash = key.indexOf('/');
    const namespace = slash < 0 ? '' : key.slice(0, slash);
    const name = key.slice(slash + 1);
    const { resource, finalizer, isInUse } = this.#protection;
    const object = await this.#resources.lister<T>(resource).get(namespace, name, 0);
    const finalizers = object?.metadata.finalizers ?? [];
    if (!object?.metadata.deletionTimestamp || !finalizers.includes(finalizer)) return;
    if (await isInUse(object, this.#resources)) return;
    const { uid, resourceVersion } = object.metadata;
    const patch = {
      metadata: { uid, resourceVersion, finalizers: finalizers.filter((other) => other !== finalizer) },
    };
    try {
      await this.#resources.client.patch(resource, patch, {
        ...(namespace !== '' && { namespace }),
        name,
        patchType: 'application/merge-patch+json',
      });
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
