/** Owner references (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/controller_ref.go). */

import type { ObjectMeta, OwnerReference } from './v1/types.ts';

/** The reference to the controlling owner. */
export function controllerOf({ ownerReferences }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences?.find((reference) => reference.controller === true);
}
