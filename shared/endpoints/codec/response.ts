/** Turns the results of storage into the form that the client asked for. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { Status } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { objectOf, type RESTList, type RESTObject, sizeOf } from '../../rest/rest-storage.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { parseJSON } from '../../util/exact-json.ts';
import { RawJSON } from '../../util/raw-json.ts';
import { inSpan } from '../../util/spans.ts';
import { textOfBytes } from '../../util/text-of-bytes.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import {
  type ItemWriter,
  listMeta,
  MetadataItems,
  ObjectItems,
  objectListMeta,
  type SingleOptions,
} from './item-writer.ts';
import { NO_TRANSFORMS, negotiateOutput, type OutputMediaType } from './negotiation.ts';
import { statusObject, writeBytes } from './response-writers.ts';
import { slicedFormOf, slicedList, withoutKind } from './sliced-list.ts';
import { type IncludeObject, includeObjectOf } from './table-options.ts';
import { TableRows } from './table-rows.ts';
import {
  asPartialObjectMetadata,
  asPartialObjectMetadataList,
  asTable,
  refuseTransform,
  type Shape,
} from './transform.ts';

/** The destination and form of an answer. */
export interface Output {
  readonly context: ServingContext;
  readonly scope: RequestScope;
  readonly mediaType: OutputMediaType;
  /** The version in which `RESTObject.bytes` is encoded. */
  readonly storageVersion: GroupVersionKind | undefined;
}

function sameKind(a: GroupVersionKind, b: GroupVersionKind | undefined): boolean {
  return b !== undefined && a.version === b.version && a.kind === b.kind && a.group === b.group;
}

/** Whether stored bytes can be sent unchanged. */
function sendsStoredBytes({ scope, mediaType, storageVersion }: Output): boolean {
  return (
    mediaType.info.mediaType === 'application/json' &&
    !mediaType.pretty &&
    mediaType.convert === undefined &&
    sameKind(scope.kind, storageVersion) &&
    !scope.convertor.hides?.(scope.kind)
  );
}

/** Returns the object in the requested form, not yet encoded. */
export async function transformObject(
  { context, scope, mediaType }: Output,
  item: RESTObject,
  { noHeaders = false }: SingleOptions = {},
): Promise<RuntimeObject> {
  const target = mediaType.convert;
  const object = await objectOf(item);
  if (isStatus(object)) return object;
  if (target === undefined) return (await scope.convertor.fromInternal([object], scope.kind))[0]!;
  refuseTransform(target, scope, 'object');
  if (target.kind === 'PartialObjectMetadata') return asPartialObjectMetadata(object, target);
  const { resourceVersion } = object.metadata;
  return asTable(scope, [object], {
    target,
    includeObject: includeObjectOf(context.request.query),
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
    noHeaders,
  });
}

/** Bindings and some other resources answer with a Status in place of an object. */
function isStatus({ kind, apiVersion }: RuntimeObject): boolean {
  return kind === 'Status' && apiVersion === 'v1';
}

export async function writeStatus(
  { context, mediaType }: Output,
  httpStatus: number,
  status: Status,
): Promise<ApiResponse> {
  context.audit.logResponseStatus({ ...status, code: httpStatus });
  await context.audit.logResponseObject(() => statusObject(status));
  const body = mediaType.serializer.encode({ ...statusObject(status) });
  return writeBytes(context, httpStatus, mediaType.info.mediaType, body);
}

/** The item without the fields that the client opted out of, which also drops its cached encodings. */
export function shownItem({ mediaType }: Output, item: RESTObject): RESTObject {
  if (!mediaType.dropsManagedFields) return item;
  const shown = <T extends KubeObject>(object: T): T => {
    if (object.metadata?.managedFields !== undefined) delete object.metadata.managedFields;
    return object;
  };
  return {
    object: () => shown(item.object()),
    objectInPieces: async () => shown(await objectOf(item)),
    storedBytes: sizeOf(item),
  };
}

export function writeObject(output: Output, status: number, whole: RESTObject): Promise<ApiResponse> {
  return serialized(output, () => encodeObject(output, status, whole));
}

function serialized(output: Output, encode: () => Promise<ApiResponse>): Promise<ApiResponse> {
  return inSpan('SerializeObject', () => ({ mediaType: output.mediaType.info.mediaType }), encode);
}

async function encodeObject(output: Output, status: number, whole: RESTObject): Promise<ApiResponse> {
  const { context, mediaType } = output;
  const item = shownItem(output, whole);
  const writer = itemWriter(output, 'object');
  // An item that isn't stored may be a Status in place of an object.
  if (writer !== undefined && (item.forms !== undefined || item.bytes !== undefined)) {
    if (isAuditedRead(context)) claimAnswer(output, [item]);
    return writeItems(output, status, await writer.single(item));
  }
  claimAnswer(output, [item]);
  const object = await transformObject(output, item);
  if (isStatus(object)) context.audit.logResponseStatus({ ...(object as unknown as Status), code: status });
  await context.audit.logResponseObject(() => object);
  const { serializer } = mediaType;
  const body = (await serializer.encodeInPieces?.(object)) ?? serializer.encode(object);
  return writeBytes(context, status, mediaType.info.mediaType, body);
}

export function writeList(output: Output, status: number, whole: RESTList): Promise<ApiResponse> {
  return serialized(output, () => encodeList(output, status, whole));
}

async function encodeList(output: Output, status: number, whole: RESTList): Promise<ApiResponse> {
  const { context, mediaType } = output;
  const list = { ...whole, items: whole.items.map((item) => shownItem(output, item)) };
  claimAnswer(output, list.items);
  const writer = itemWriter(output, 'list');
  // For an empty list of metadata, Go encodes a nil slice.
  const isNil = list.items.length === 0 && writer instanceof MetadataItems;
  if (writer !== undefined && !isNil) return writeItems(output, status, await writer.list(list));
  const form = slicedFormOf(mediaType);
  if (form !== undefined) return writeItems(output, status, await slicedList(output.scope, list, form));
  const object = await transformList(output, list);
  await context.audit.logResponseObject(() => object);
  const { serializer } = mediaType;
  const body = (await serializer.encodeInPieces?.(object)) ?? serializer.encode(object);
  return writeBytes(context, status, mediaType.info.mediaType, body);
}

/** Whether audit parses the response of a read. A write has taken effect, so that its response must not be refused. */
const isAuditedRead = ({ audit, requestInfo: { verb } }: ServingContext): boolean =>
  audit.keepsResponse && (verb === 'get' || verb === 'list');

/** Throws the StatusError of the host if it lacks memory for the answer. */
function claimAnswer(output: Output, items: readonly RESTObject[]): void {
  const { context, mediaType } = output;
  if (context.request.claimAnswer === undefined) return;
  const sendsWhole = mediaType.convert === undefined;
  const decodes = !sendsStoredBytes(output) || items.some(({ bytes }) => bytes === undefined);
  let bytes = 0;
  let largest = 0;
  for (const item of items) {
    bytes += sizeOf(item);
    largest = Math.max(largest, sizeOf(item));
  }
  const isParsed = isAuditedRead(context) && bytes <= MAX_AUDITED_BYTES;
  const objectBytes = isParsed ? bytes : decodes ? largest : 0;
  context.request.claimAnswer({ bytes: sendsWhole ? bytes : 0, objectBytes });
}

/** Larger responses, which only lists are, are left out of audit events: parsed they would take hundreds of megabytes. */
const MAX_AUDITED_BYTES = 3 * 1024 * 1024;
/** As upstream marks events that are logged without their objects (plugin/pkg/audit/truncate). */
const TRUNCATED = 'audit.k8s.io/truncated';

/** A response from this size on is kept as text. */
const RAW_FROM = 64 * 1024;

const auditedJSON = (body: Uint8Array): unknown =>
  body.byteLength < RAW_FROM ? parseJSON(textOfBytes(body)) : new RawJSON(textOfBytes(body).trimEnd());

async function writeItems(
  { context, mediaType }: Output,
  status: number,
  body: Uint8Array,
): Promise<ApiResponse> {
  const { info } = mediaType;
  if (body.byteLength > MAX_AUDITED_BYTES) {
    if (context.audit.keepsResponse) context.audit.addAnnotation(TRUNCATED, 'true');
  } else {
    await context.audit.logResponseObject(() =>
      info.mediaType === 'application/json' ? auditedJSON(body) : info.serializer.decode(body).object,
    );
  }
  return writeBytes(context, status, info.mediaType, body);
}

const writers = new WeakMap<RequestScope, Map<string, ItemWriter>>();

/**
 * A writer that encodes the answer item by item; undefined if it has to be encoded as a whole. All answers of a scope
 * in the same form share one writer. Throws NotAcceptable.
 */
export function itemWriter(output: Output, shape: Shape): ItemWriter | undefined {
  const { scope, mediaType } = output;
  const { info, pretty, convert } = mediaType;
  if (info.items === undefined || pretty) return undefined;
  if (convert !== undefined) refuseTransform(convert, scope, shape);
  const isTable = convert?.kind === 'Table';
  const includeObject = isTable ? includeObjectOf(output.context.request.query) : '';
  const isStored = sendsStoredBytes(output);
  const key = [info.mediaType, isStored, isTable, convert?.version ?? '', includeObject].join();
  let known = writers.get(scope);
  if (known === undefined) {
    known = new Map();
    writers.set(scope, known);
  }
  let writer = known.get(key);
  if (writer === undefined) {
    if (isTable) writer = new TableRows(scope, convert, includeObject as IncludeObject);
    else if (convert !== undefined) writer = new MetadataItems(info.items, convert.version);
    else writer = new ObjectItems(scope, info.items, isStored);
    known.set(key, writer);
  }
  return writer;
}

async function transformList({ context, scope, mediaType }: Output, list: RESTList): Promise<RuntimeObject> {
  const target = mediaType.convert;
  const objects = list.items.map((item) => item.object());
  const { kind } = scope;
  if (target === undefined) {
    const items = await scope.convertor.fromInternal(objects, kind);
    return {
      kind: listKindOf(scope),
      apiVersion: formatGroupVersion(kind),
      metadata: objectListMeta(scope, list),
      items: scope.custom ? items : items.map(withoutKind),
    } as RuntimeObject;
  }
  refuseTransform(target, scope, 'list');
  const metadata = listMeta(list);
  if (target.kind === 'PartialObjectMetadataList')
    return asPartialObjectMetadataList(objects, metadata, target);
  const includeObject = includeObjectOf(context.request.query);
  return asTable(scope, objects, { target, includeObject, metadata });
}

/** Writes an object that isn't part of a resource: discovery, version lists. */
export async function writeMetaObject(
  context: ServingContext,
  codecs: CodecFactory,
  object: RuntimeObject,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, codecs, NO_TRANSFORMS);
  await context.audit.logResponseObject(() => object);
  return writeBytes(context, 200, mediaType.info.mediaType, mediaType.serializer.encode(object));
}
