/** Describes the resource or subresource that a handler serves (upstream's `RequestScope`). */

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
  /** The kind of the objects in requests and answers: the subresource's own if it has one. */
  readonly kind: GroupVersionKind;
  readonly namespaced: boolean;
  /** Further versions accepted in a body: evictions of policy/v1beta1. */
  readonly acceptsVersions?: readonly string[] | undefined;
  readonly admission: AdmissionChain;
  /** Passed to admission for handling objects. */
  readonly objects: ObjectInterfaces;
  readonly authorizer: Authorizer;
  /** Loaded at the first request for a table. */
  readonly tableConvertor: () => TableConvertor | Promise<TableConvertor>;
  /** Resources that can't be listed have no tables, except for statuses and scales. */
  readonly hasTables: boolean;
  /** If absent, managedFields are ignored and server-side apply isn't supported. */
  readonly fieldManager?: FieldManager | undefined;
  readonly patchTypes: readonly string[];
  /**
   * Set for custom resources: list items include their kind, the strategy itself rejects other kinds, and only derived
   * forms (tables, metadata) are available in protobuf.
   */
  readonly custom?: { readonly listKind: string } | undefined;
  /** Watches without a timeout last between one and two times this. */
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

/** The kind of a list: `custom.listKind`, or the kind followed by `List`. */
export function listKindOf({ kind, custom }: RequestScope): string {
  return custom?.listKind ?? `${kind.kind}List`;
}
