/** Converts objects of built-in kinds through the scheme. */

import type { KubeObject } from '../meta/kube-object.ts';
import { formatGroupVersionKind, type GroupVersionResource } from '../runtime/group-version.ts';
import type { Scheme } from '../runtime/scheme.ts';
import { deepCopyInPieces } from '../util/deep-copy.ts';
import type { EquivalentResource, ObjectInterfaces } from './admission.ts';

/** `equivalents` is as in `ObjectInterfaces`. */
export function schemeObjectInterfaces(
  scheme: Scheme,
  equivalents: (resource: GroupVersionResource, subresource: string) => readonly EquivalentResource[],
): ObjectInterfaces {
  return {
    async toVersion(object, kind) {
      if (!scheme.recognizes(kind)) {
        throw new Error(`no kind ${formatGroupVersionKind(kind)} to convert to`);
      }
      return scheme.convert<KubeObject>(await deepCopyInPieces(object), kind);
    },
    async fromVersion(object) {
      return scheme.toInternal<KubeObject>(object);
    },
    equivalents,
  };
}
