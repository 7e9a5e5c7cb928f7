/** Decodes a request body into an internal object. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest } from '../../meta/status-error.ts';
import { ensureNamespaceMatches } from '../../rest/metadata.ts';
import {
  formatGroupVersion,
  type GroupResource,
  type GroupVersionKind,
} from '../../runtime/group-version.ts';
import { NotRegisteredError } from '../../runtime/scheme.ts';
import {
  badRequestMessage,
  DecodingError,
  strictDecodingMessage,
  strictDecodingWarnings,
} from '../../runtime/serializer/decoding-error.ts';
import type { Decoded, DecodeOptions, Serializer } from '../../runtime/serializer/serializer.ts';
import { breathe } from '../../util/breathe.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import { checkStorable } from '../resource/storable.ts';
import type { FieldValidation } from '../resource/write-options.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { internalGoType } from './go-type.ts';
import { negotiateInput } from './negotiation.ts';

function acceptsVersion({ kind, acceptsVersions }: RequestScope, gvk: GroupVersionKind): boolean {
  if (gvk.group === kind.group && gvk.version === kind.version) return true;
  return acceptsVersions?.includes(formatGroupVersion(gvk)) ?? false;
}

/**
 * Decodes, defaults and converts the body. Throws UnsupportedMediaType, BadRequest with upstream's texts, and
 * RequestEntityTooLarge for an object larger than storage accepts.
 */
export async function decodeBody(
  context: ServingContext,
  scope: RequestScope,
  validation: FieldValidation,
): Promise<KubeObject> {
  const { serializer } = await negotiateInput(context, scope.codecs);
  const { body } = context.request;
  let decoded: Decoded;
  try {
    const kind = scope.custom === undefined ? { defaults: scope.kind } : { unstructured: true };
    const options = { ...kind, strict: validation !== 'Ignore', budgeted: true };
    decoded = await decodeInPieces(context, serializer, options);
  } catch (error) {
    throw asBadRequest(error, scope.kind, body);
  }
  await breathe();
  const { gvk, object, strictErrors } = decoded;
  if (strictErrors.length > 0) {
    if (validation === 'Strict') {
      const message = strictDecodingMessage(strictErrors);
      throw newBadRequest(badRequestMessage({ message, gvk }, scope.kind.kind, body));
    }
    for (const text of strictDecodingWarnings(strictErrors)) context.addWarning(text);
  }
  if (gvk.kind !== scope.kind.kind && scope.custom === undefined) {
    // Upstream detects the mismatch when it converts to the internal type.
    const message = `converting (${gvk.version}.${gvk.kind}) to (${internalGoType(scope.kind)}): unknown conversion`;
    throw newBadRequest(badRequestMessage({ message, gvk }, scope.kind.kind, body));
  }
  if (!acceptsVersion(scope, gvk)) {
    const [given, expected] = [formatGroupVersion(gvk), formatGroupVersion(scope.kind)];
    throw newBadRequest(
      `the API version in the data (${given}) does not match the expected API version (${expected})`,
    );
  }
  await checkStorable(object);
  const internal = await scope.convertor.toInternal(object);
  await context.audit.logRequestObject(
    () => internal,
    async () => (await scope.convertor.fromInternal([internal], gvk))[0],
  );
  // Kinds without metadata (reviews omit it) get an empty one, so that later code need not check for it.
  internal.metadata ??= {};
  return internal;
}

/** Decodes like the serializer's `decode`, but in pieces, and off the event loop if the host provides a way. */
export async function decodeInPieces(
  { request }: ServingContext,
  serializer: Serializer,
  options: DecodeOptions,
): Promise<Decoded> {
  const { body, convertYAML } = request;
  if (serializer.decodeInPieces === undefined) return serializer.decode(body, options);
  return serializer.decodeInPieces(body, options, convertYAML);
}

function asBadRequest(error: unknown, kind: GroupVersionKind, body: Uint8Array): unknown {
  if (error instanceof DecodingError) return newBadRequest(badRequestMessage(error, kind.kind, body));
  if (error instanceof NotRegisteredError) {
    return newBadRequest(badRequestMessage({ message: error.message, gvk: error.gvk }, kind.kind, body));
  }
  return error;
}

const isNamespaces = ({ group, resource }: GroupResource): boolean =>
  group === '' && resource === 'namespaces';

/** The namespace for storage and admission: empty for cluster-scoped kinds, except that a Namespace is in its own. */
export function scopeNamespace(
  { requestInfo }: ServingContext,
  { namespaced, resource }: RequestScope,
): string {
  return namespaced || isNamespaces(resource) ? requestInfo.namespace : '';
}

/** Throws BadRequest if the object's namespace differs from the URL's. */
export function checkNamespace(context: ServingContext, scope: RequestScope, object: KubeObject): void {
  const isNamespace = isNamespaces(scope.resource);
  ensureNamespaceMatches(isNamespace ? '' : scopeNamespace(context, scope), object.metadata);
}

/** Throws BadRequest if the object's name differs from the URL's. */
export function checkName({ requestInfo }: ServingContext, object: KubeObject): void {
  const { name } = requestInfo;
  const objectName = object.metadata.name ?? '';
  if (objectName === '') {
    throw newBadRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (objectName !== name) {
    throw newBadRequest(
      `the name of the object (${objectName}) does not match the name on the URL (${name})`,
    );
  }
}
