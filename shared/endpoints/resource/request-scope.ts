/** What the handlers must know of the resource or subresource they serve (upstream's `RequestScope`). */

import type { AdmissionChain, ObjectInterfaces } from '../../admission/admission.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { FieldManager } from '../../meta/managedfields/field-manager.ts';
import type { TableConvertor } from '../../rest/table.ts';
import type { GroupVersionKind, GroupVersionResource } from '../../runtime/group-version.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import type { MediaType } from '../../runtime/serializer/serializer.ts';
import type { EndpointRestrictions } from '../codec/negotiation.ts';
import type { ObjectConvertor } from '../codec/object-convertor.ts';

export interface RequestScope {
  readonly codecs: CodecFactory;
  readonly convertor: ObjectConvertor;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
  /** Of the objects that go in and out: the subresource's own, where it has one. */
  readonly kind: GroupVersionKind;
  readonly namespaced: boolean;
  /** Other versions than `kind`'s that a body may have: evictions of policy/v1beta1. */
  readonly acceptsVersions?: readonly string[] | undefined;
  readonly admission: AdmissionChain;
  /** What admission sees objects through. */
  readonly objects: ObjectInterfaces;
  readonly authorizer: Authorizer;
  /** Loaded when a table is first asked for. */
  readonly tableConvertor: () => TableConvertor | Promise<TableConvertor>;
  /** What can't be listed has no tables, save statuses and scales. */
  readonly hasTables: boolean;
  /** Absent: managedFields are left alone, and there is no server-side apply. */
  readonly fieldManager?: FieldManager | undefined;
  readonly patchTypes: readonly string[];
  /**
   * Of custom resources. Items of their lists say their kind, their own strategy refuses other kinds, and only what is
   * made of them can be had in protobuf.
   */
  readonly custom?: { readonly listKind: string } | undefined;
  /** Watches without a timeout of their own last between this and twice this. */
  readonly minRequestTimeoutSeconds: number;
}

const META_VERSIONS = ['v1', 'v1beta1'];

const BUILTIN_RESTRICTIONS: EndpointRestrictions = {
  allowsTransform(mediaType: MediaType, convert: GroupVersionKind | undefined): boolean {
    if (convert === undefined) return true;
    if (convert.group !== 'meta.k8s.io' || !META_VERSIONS.includes(convert.version)) return false;
    switch (convert.kind) {
      case 'Table':
        return mediaType === 'application/json' || mediaType === 'application/yaml';
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList':
        return true;
      default:
        return false;
    }
  },
};

const TABLELESS_RESTRICTIONS: EndpointRestrictions = {
  allowsTransform: (mediaType, convert) =>
    convert?.kind !== 'Table' && BUILTIN_RESTRICTIONS.allowsTransform(mediaType, convert),
};

const CUSTOM_RESTRICTIONS: EndpointRestrictions = {
  allowsTransform: (mediaType, convert) =>
    convert === undefined
      ? mediaType !== 'application/vnd.kubernetes.protobuf'
      : BUILTIN_RESTRICTIONS.allowsTransform(mediaType, convert),
};

/** `RequestScope.AllowsMediaTypeTransform`. */
export function restrictionsOf({
  custom,
  hasTables,
}: Pick<RequestScope, 'custom' | 'hasTables'>): EndpointRestrictions {
  if (custom !== undefined) return CUSTOM_RESTRICTIONS;
  return hasTables ? BUILTIN_RESTRICTIONS : TABLELESS_RESTRICTIONS;
}

/** `custom` names its list's kind; all others' are called after their kind. */
export function listKindOf({ kind, custom }: RequestScope): string {
  return custom?.listKind ?? `${kind.kind}List`;
}
