/** From what storage answers to what the client asked for. */

import type { Status } from '../../meta/status-error.ts';
import type { ListMeta } from '../../meta/v1/types.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { RESTList, RESTObject } from '../../rest/rest-storage.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { parseJSON } from '../../util/exact-json.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { NO_TRANSFORMS, negotiateOutput, type OutputMediaType } from './negotiation.ts';
import { typePrefix } from './object-convertor.ts';
import { statusObject, writeBytes } from './response-writers.ts';
import { includeObjectOf } from './table-options.ts';
import {
  asPartialObjectMetadata,
  asPartialObjectMetadataList,
  asTable,
  refuseTransform,
} from './transform.ts';

/** Where an answer goes, and in which form. */
export interface Output {
  readonly context: ServingContext;
  readonly scope: RequestScope;
  readonly mediaType: OutputMediaType;
  /** The version that `RESTObject.bytes` are in. */
  readonly storageVersion: GroupVersionKind | undefined;
}

const NEWLINE = Buffer.from('\n');

export function sameKind(a: GroupVersionKind, b: GroupVersionKind | undefined): boolean {
  return b !== undefined && a.version === b.version && a.kind === b.kind && a.group === b.group;
}

/** Whether stored bytes may be sent as they are. */
export function sendsStoredBytes({ scope, mediaType, storageVersion }: Output): boolean {
  return (
    mediaType.info.mediaType === 'application/json' &&
    !mediaType.pretty &&
    mediaType.convert === undefined &&
    sameKind(scope.kind, storageVersion)
  );
}

/** The object as the client wants it, before it becomes bytes. */
export async function transformObject(
  { context, scope, mediaType }: Output,
  item: RESTObject,
  noHeaders = false,
): Promise<RuntimeObject> {
  const target = mediaType.convert;
  const object = item.object();
  if (isStatus(object)) return object;
  if (target === undefined) return (await scope.convertor.fromInternal([object], scope.kind))[0]!;
  refuseTransform(target, false, scope.kind.kind);
  if (target.kind === 'PartialObjectMetadata') return asPartialObjectMetadata(object, target);
  const { resourceVersion } = object.metadata;
  return asTable(scope, [object], {
    target,
    includeObject: includeObjectOf(context.request.query),
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
    noHeaders,
  });
}

/** Bindings and the like answer with a Status in place of an object. */
function isStatus({ kind, apiVersion }: RuntimeObject): boolean {
  return kind === 'Status' && apiVersion === 'v1';
}

export async function writeStatus(
  { context, mediaType }: Output,
  httpStatus: number,
  status: Status,
): Promise<ApiResponse> {
  context.audit.logResponseStatus(status);
  context.audit.logResponseObject(() => status);
  const body = mediaType.serializer.encode({ ...statusObject(status) });
  return writeBytes(context, httpStatus, mediaType.info.mediaType, body);
}

const parseStored = (bytes: Uint8Array): unknown => parseJSON(Buffer.from(bytes).toString());

export async function writeObject(output: Output, status: number, item: RESTObject): Promise<ApiResponse> {
  const { context, mediaType } = output;
  const bytes = sendsStoredBytes(output) ? item.bytes : undefined;
  if (bytes !== undefined) {
    context.audit.logResponseObject(() => parseStored(bytes));
    return writeBytes(context, status, mediaType.info.mediaType, Buffer.concat([bytes, NEWLINE]));
  }
  const object = await transformObject(output, item);
  context.audit.logResponseObject(() => object);
  return writeBytes(context, status, mediaType.info.mediaType, mediaType.serializer.encode(object));
}

export async function writeList(output: Output, status: number, list: RESTList): Promise<ApiResponse> {
  const { context, mediaType } = output;
  if (sendsStoredBytes(output) && list.items.every((item) => item.bytes !== undefined)) {
    const body = joinList(output, list);
    context.audit.logResponseObject(() => parseStored(body));
    return writeBytes(context, status, mediaType.info.mediaType, body);
  }
  const object = await transformList(output, list);
  context.audit.logResponseObject(() => object);
  return writeBytes(context, status, mediaType.info.mediaType, mediaType.serializer.encode(object));
}

function listMeta({ resourceVersion, continue: next, remainingItemCount }: RESTList): ListMeta {
  return {
    resourceVersion,
    ...(next && { continue: next }),
    ...(remainingItemCount && { remainingItemCount }),
  };
}

/** Stored items, joined without a look inside; all but custom resources leave their kind to the list. */
function joinList({ scope }: Output, list: RESTList): Uint8Array {
  const { kind } = scope;
  const head = typePrefix({ ...kind, kind: listKindOf(scope) });
  const skip = scope.custom ? 0 : Buffer.byteLength(typePrefix(kind)) - 1;
  const parts: Uint8Array[] = [Buffer.from(`${head}"metadata":${JSON.stringify(listMeta(list))},"items":[`)];
  for (const [index, { bytes }] of list.items.entries()) {
    // The comma before what follows the kind becomes the opening brace.
    if (skip > 0) parts.push(index === 0 ? OPEN : COMMA_OPEN, bytes!.subarray(skip + 1));
    else if (index === 0) parts.push(bytes!);
    else parts.push(COMMA, bytes!);
  }
  parts.push(LIST_END);
  return Buffer.concat(parts);
}

const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');
const COMMA_OPEN = Buffer.from(',{');
const LIST_END = Buffer.from(']}\n');

async function transformList({ context, scope, mediaType }: Output, list: RESTList): Promise<RuntimeObject> {
  const target = mediaType.convert;
  const objects = list.items.map((item) => item.object());
  const metadata = listMeta(list);
  const { kind } = scope;
  if (target === undefined) {
    const items = await scope.convertor.fromInternal(objects, kind);
    return {
      kind: listKindOf(scope),
      apiVersion: formatGroupVersion(kind),
      metadata,
      items: scope.custom ? items : items.map(withoutKind),
    } as RuntimeObject;
  }
  refuseTransform(target, true, listKindOf(scope));
  if (target.kind === 'PartialObjectMetadataList')
    return asPartialObjectMetadataList(objects, metadata, target);
  const includeObject = includeObjectOf(context.request.query);
  return asTable(scope, objects, { target, includeObject, metadata });
}

function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: RuntimeObject): RuntimeObject {
  return rest;
}

/** An object that is no resource's: discovery, version lists. */
export async function writeMetaObject(
  context: ServingContext,
  codecs: CodecFactory,
  object: RuntimeObject,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, codecs, NO_TRANSFORMS);
  return writeBytes(context, 200, mediaType.info.mediaType, mediaType.serializer.encode(object));
}
