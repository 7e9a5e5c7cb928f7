/**
 * Relates objects to nodes. Upstream maintains a graph; here the relations are computed from the latest snapshots
 * (https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/node/graph.go).
 */

import type { PersistentVolume, Pod } from '../../apis/core/v1/types.ts';
import type { VolumeAttachment } from '../../apis/storage/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { ListerSnapshot, ResourceLister } from '../../rest/resource-access.ts';
import { entryOf } from '../../util/entry-of.ts';
import { type PodReferences, podReferences, volumeSecretKeys } from './references.ts';

/** Objects with `spec.nodeName`. */
export interface NodeBound extends KubeObject {
  readonly spec: { readonly nodeName?: string | undefined };
}

export interface NodeListers {
  readonly pods: ResourceLister<Pod>;
  readonly persistentVolumes: ResourceLister<PersistentVolume>;
  readonly volumeAttachments: ResourceLister<VolumeAttachment>;
  readonly resourceSlices: ResourceLister<NodeBound>;
  readonly podCertificateRequests: ResourceLister<NodeBound>;
}

/** Kinds of objects related to a node; keys are `namespace/name`, or `/name`. */
export type NodeObjectKind =
  | 'secret'
  | 'configmap'
  | 'pvc'
  | 'pv'
  | 'pod'
  | 'resourceclaim'
  | 'serviceaccount'
  | 'volumeattachment'
  | 'resourceslice'
  | 'podcertificaterequest';

const FIELDS: readonly (readonly [NodeObjectKind, keyof PodReferences])[] = [
  ['secret', 'secrets'],
  ['configmap', 'configMaps'],
  ['pvc', 'claims'],
  ['resourceclaim', 'resourceClaims'],
  ['serviceaccount', 'serviceAccounts'],
];

const keyOf = ({ metadata: { namespace = '', name = '' } }: KubeObject): string => `${namespace}/${name}`;

/** The objects referenced by the pods of one node. */
class PodsOfNode {
  readonly #sets = new Map<NodeObjectKind, Set<string>>();

  constructor(pods: readonly Pod[]) {
    for (const [kind] of FIELDS) this.#sets.set(kind, new Set());
    this.#sets.set('pod', new Set(pods.map(keyOf)));
    for (const pod of pods) {
      const namespace = pod.metadata.namespace ?? '';
      const references = podReferences(pod);
      for (const [kind, field] of FIELDS) {
        for (const name of references[field]) this.#sets.get(kind)!.add(`${namespace}/${name}`);
      }
    }
  }

  has(kind: NodeObjectKind, key: string): boolean {
    return this.#sets.get(kind)?.has(key) ?? false;
  }
}

/** Objects of a snapshot by node, grouped once per snapshot. */
class ByNode<T extends KubeObject, V> {
  readonly #nodeOf: (object: T) => string | undefined;
  readonly #make: (objects: readonly T[]) => V;
  #snapshot: ListerSnapshot<T> | undefined;
  #groups = new Map<string, T[]>();
  #made = new Map<string, V>();

  constructor(nodeOf: (object: T) => string | undefined, make: (objects: readonly T[]) => V) {
    this.#nodeOf = nodeOf;
    this.#make = make;
  }

  of(snapshot: ListerSnapshot<T>, node: string): V {
    if (snapshot !== this.#snapshot) {
      this.#snapshot = snapshot;
      this.#groups = new Map();
      this.#made = new Map();
      for (const object of snapshot.items) {
        const name = this.#nodeOf(object);
        if (!name) continue;
        entryOf(this.#groups, name, () => []).push(object);
      }
    }
    let made = this.#made.get(node);
    if (made === undefined) {
      made = this.#make(this.#groups.get(node) ?? []);
      this.#made.set(node, made);
    }
    return made;
  }
}

/** Volumes bound to claims, `namespace/name`. */
class BoundVolumes {
  readonly #byName = new Map<string, string[]>();
  readonly #bySecret = new Map<string, string[]>();

  constructor(volumes: readonly PersistentVolume[]) {
    for (const volume of volumes) {
      const { claimRef } = volume.spec;
      if (!claimRef) continue;
      const claim = `${claimRef.namespace}/${claimRef.name}`;
      entryOf(this.#byName, volume.metadata.name ?? '', () => []).push(claim);
      for (const secret of volumeSecretKeys(volume)) entryOf(this.#bySecret, secret, () => []).push(claim);
    }
  }

  /** Claims bound to the volume of this name. */
  claimsOf(name: string): readonly string[] {
    return this.#byName.get(name) ?? [];
  }

  /** Claims bound to volumes that require the secret to be mounted. */
  claimsThatTake(secret: string): readonly string[] {
    return this.#bySecret.get(secret) ?? [];
  }
}

const keys = (objects: readonly KubeObject[]): ReadonlySet<string> => new Set(objects.map(keyOf));

export class NodeIndex {
  readonly #listers: NodeListers;
  readonly #pods = new ByNode<Pod, PodsOfNode>(
    ({ spec }) => spec.nodeName,
    (pods) => new PodsOfNode(pods),
  );
  readonly #attachments = new ByNode<VolumeAttachment, ReadonlySet<string>>(
    ({ spec }) => spec.nodeName,
    keys,
  );
  readonly #slices = new ByNode<NodeBound, ReadonlySet<string>>(({ spec }) => spec.nodeName, keys);
  readonly #requests = new ByNode<NodeBound, ReadonlySet<string>>(({ spec }) => spec.nodeName, keys);

  #volumes: { readonly of: ListerSnapshot<PersistentVolume>; readonly bound: BoundVolumes } | undefined;

  constructor(listers: NodeListers) {
    this.#listers = listers;
  }

  /** Whether the object belongs to the node or is needed by something on it. Rejects if the replica can't be read. */
  async has(node: string, kind: NodeObjectKind, namespace: string, name: string): Promise<boolean> {
    const key = `${namespace}/${name}`;
    const { volumeAttachments, resourceSlices, podCertificateRequests } = this.#listers;
    switch (kind) {
      case 'volumeattachment':
        return this.#attachments.of(await volumeAttachments.snapshot(), node).has(key);
      case 'resourceslice':
        return this.#slices.of(await resourceSlices.snapshot(), node).has(key);
      case 'podcertificaterequest':
        return this.#requests.of(await podCertificateRequests.snapshot(), node).has(key);
      case 'pv':
        return this.#mountsOneOf(node, (volumes) => volumes.claimsOf(name));
      case 'secret':
        return (
          (await this.#ofPods(node)).has('secret', key) ||
          this.#mountsOneOf(node, (volumes) => volumes.claimsThatTake(key))
        );
      default:
        return (await this.#ofPods(node)).has(kind, key);
    }
  }

  async #ofPods(node: string): Promise<PodsOfNode> {
    return this.#pods.of(await this.#listers.pods.snapshot(), node);
  }

  /** Whether a pod on the node mounts one of these claims. */
  async #mountsOneOf(node: string, claims: (volumes: BoundVolumes) => readonly string[]): Promise<boolean> {
    const pods = await this.#ofPods(node);
    const snapshot = await this.#listers.persistentVolumes.snapshot();
    if (this.#volumes?.of !== snapshot) {
      this.#volumes = { of: snapshot, bound: new BoundVolumes(snapshot.items) };
    }
    return claims(this.#volumes.bound).some((claim) => pods.has('pvc', claim));
  }
}
