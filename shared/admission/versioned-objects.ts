import type { KubeObject } from '../meta/kube-object.ts';
import { formatGroupVersionKind, type GroupVersionKind } from '../runtime/group-version.ts';
import type { AdmissionAttributes } from './admission.ts';

/** The objects of a request in one version, as webhooks and policies see them. Must not be modified. */
export interface VersionedObjects {
  readonly kind: GroupVersionKind;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

async function versionedObjects(
  { object, oldObject, objects }: AdmissionAttributes,
  kind: GroupVersionKind,
): Promise<VersionedObjects> {
  const convert = async (one: KubeObject | undefined): Promise<KubeObject | undefined> =>
    one && objects.toVersion(one, kind);
  return { kind, object: await convert(object), oldObject: await convert(oldObject) };
}

/** Converts once per version, until the request's objects change. */
export class VersionedObjectsCache {
  readonly #attributes: AdmissionAttributes;
  readonly #versions = new Map<string, Promise<VersionedObjects>>();

  constructor(attributes: AdmissionAttributes) {
    this.#attributes = attributes;
  }

  at(kind: GroupVersionKind): Promise<VersionedObjects> {
    const key = formatGroupVersionKind(kind);
    let version = this.#versions.get(key);
    if (version === undefined) {
      version = versionedObjects(this.#attributes, kind);
      this.#versions.set(key, version);
    }
    return version;
  }

  /** Call when the request's object has changed. */
  clear(): void {
    this.#versions.clear();
  }
}
