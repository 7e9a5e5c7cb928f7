/** Field managers of built-in kinds. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { FieldManager } from '../../meta/managedfields/field-manager.ts';
import type { ObjectDefaulter } from '../../runtime/defaulting.ts';
import {
  type GroupVersionKind,
  gvkOf,
  INTERNAL_VERSION,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { Serializer } from '../../runtime/serializer/serializer.ts';
import { breathe } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { newVersionedObject } from '../codec/object-convertor.ts';

export interface SchemeFieldManagerOptions {
  readonly scheme: Scheme;
  readonly defaulter: ObjectDefaulter;
  /** The types that clients see, if they aren't all of the scheme's. */
  readonly shown?: Scheme | undefined;
  /** The JSON serializer. */
  readonly serializer: Serializer;
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

export function schemeFieldManager(options: SchemeFieldManagerOptions): FieldManager {
  const { scheme, defaulter, serializer, kind, subresource, resetFields } = options;
  const inVersion = (apiVersion: string): GroupVersionKind | undefined => {
    const gv = parseGroupVersion(apiVersion);
    return gv && { ...gv, kind: kind.kind };
  };
  // A merge may leave out empty structs, which conversions and defaulting require.
  const complete = (object: KubeObject): KubeObject =>
    serializer.decode(serializer.encode(object)).object as KubeObject;
  // If the target shares the hub's shape, conversion only sets the version, so a shallow copy is enough.
  const ownedBy = (object: KubeObject, target: GroupVersionKind | undefined): KubeObject =>
    target !== undefined && scheme.knownType(target).fromInternal !== undefined
      ? deepCopy(object)
      : { ...object };
  return new FieldManager({
    kind,
    ...(options.shown && { configurationSchema: options.shown.schema(kind) }),
    subresource,
    resetFields,
    schemaFor(apiVersion) {
      const gvk = inVersion(apiVersion);
      return gvk !== undefined && scheme.recognizes(gvk) ? scheme.schema(gvk) : undefined;
    },
    convert(object, apiVersion) {
      const target = apiVersion === undefined ? undefined : inVersion(apiVersion)!;
      const isInternal = gvkOf(object).version === INTERNAL_VERSION;
      const owned = isInternal ? ownedBy(object, target) : complete(object);
      const internal = scheme.toInternal<KubeObject>(owned);
      return target === undefined ? internal : scheme.fromInternal(internal, target);
    },
    async finish(object) {
      const bytes = serializer.encode(object);
      await breathe();
      const decoded = (await serializer.decodeInPieces?.(bytes, {})) ?? serializer.decode(bytes);
      await breathe();
      const versioned = decoded.object as KubeObject;
      defaulter.applyDefaults(versioned);
      return scheme.toInternal<KubeObject>(versioned);
    },
    newObject: () => newVersionedObject(scheme, kind),
  });
}
