/** Field managers of built-in kinds. */

import type { KubeObject } from '../meta/kube-object.ts';
import { FieldManager } from '../meta/managedfields/field-manager.ts';
import type { Defaulter } from '../runtime/defaulting.ts';
import { formatGroupVersion, type GroupVersionKind, parseGroupVersion } from '../runtime/group-version.ts';
import type { Scheme } from '../runtime/scheme.ts';
import { deepCopy } from '../util/deep-copy.ts';

export interface SchemeFieldManagerOptions {
  readonly scheme: Scheme;
  readonly defaulter: Defaulter;
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

export function schemeFieldManager(options: SchemeFieldManagerOptions): FieldManager {
  const { scheme, defaulter, kind, subresource, resetFields } = options;
  const inVersion = (apiVersion: string): GroupVersionKind | undefined => {
    const gv = parseGroupVersion(apiVersion);
    return gv && { ...gv, kind: kind.kind };
  };
  return new FieldManager({
    kind,
    subresource,
    resetFields,
    schemaFor(apiVersion) {
      const gvk = inVersion(apiVersion);
      return gvk !== undefined && scheme.recognizes(gvk) ? scheme.schema(gvk) : undefined;
    },
    convert(object, apiVersion) {
      const internal = scheme.toInternal<KubeObject>(deepCopy(object));
      return apiVersion === undefined ? internal : scheme.fromInternal(internal, inVersion(apiVersion)!);
    },
    default: (object) => defaulter.applyDefaults(object),
    newObject: () => ({ kind: kind.kind, apiVersion: formatGroupVersion(kind), metadata: {} }),
  });
}
