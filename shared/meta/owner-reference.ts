/** Owners (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/controller_ref.go). */

import { formatGroupVersion, type GroupVersionKind } from '../runtime/group-version.ts';
import type { KubeObject } from './kube-object.ts';
import type { ObjectMeta, OwnerReference } from './v1/types.ts';

/** The reference to the one owner that manages the object. */
export function controllerOf({ ownerReferences }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const reference = controllerOf(object.metadata);
  return reference !== undefined && reference.uid === owner.metadata.uid;
}

export function newControllerRef({ metadata }: KubeObject, gvk: GroupVersionKind): OwnerReference {
  return {
    apiVersion: formatGroupVersion(gvk),
    kind: gvk.kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
