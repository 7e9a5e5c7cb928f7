/** Custom resources as they are stored: JSON of one version, with the revision at a place that is known. */

import { asUnstructured, type UnstructuredObject } from '../../../meta/kube-object.ts';
import type { ObjectCodec } from '../../../registry/generic/storage-codec.ts';
import { parseInPieces } from '../../../runtime/serializer/json/untyped-decoders.ts';
import { atOnce, inPieces, type Pieces } from '../../../util/breathe.ts';
import { parseJSON, stringifyInPieces, stringifyJSON } from '../../../util/exact-json.ts';
import { textOfBytes } from '../../../util/text-of-bytes.ts';

/** What stands before the revision; neither kinds nor versions have quotes in them. */
const BEFORE_REVISION = Buffer.from(',"metadata":{"resourceVersion":"');
const QUOTE = '"'.charCodeAt(0);

/**
 * Writes `{"kind":...,"apiVersion":...,"metadata":{"resourceVersion":"N",...`, whatever the kind. Objects are not
 * converted: which version is stored is decided before they come here.
 */
export const customResourceCodec: ObjectCodec<UnstructuredObject> = {
  encode: (object, resourceVersion) => atOnce(encode(object, resourceVersion)),

  encodeInPieces: async (object, resourceVersion) => inPieces(encode(object, resourceVersion)),

  decode: (bytes) => decoded(bytes, parseJSON(textOfBytes(bytes))),

  decodeInPieces: async (bytes) => decoded(bytes, await inPieces(parseInPieces(textOfBytes(bytes)))),

  rewriteResourceVersion(bytes, resourceVersion) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = buffer.indexOf(BEFORE_REVISION) + BEFORE_REVISION.length;
    const end = buffer.indexOf(QUOTE, start);
    return Buffer.concat([
      buffer.subarray(0, start),
      Buffer.from(String(resourceVersion)),
      buffer.subarray(end),
    ]);
  },

  isCurrent: () => true,
};

function* encode(
  { kind, apiVersion, metadata, ...fields }: UnstructuredObject,
  resourceVersion: number,
): Pieces<Uint8Array> {
  const { resourceVersion: _, ...others } = metadata;
  const head = stringifyJSON({ kind, apiVersion }).slice(0, -1);
  const ofMetadata = yield* members(others);
  const rest = yield* members(fields);
  return Buffer.from(`${head}${BEFORE_REVISION}${resourceVersion}"${ofMetadata}}${rest}}`);
}

/** The members of an object, each after a comma. */
function* members(object: object): Pieces<string> {
  const text = (yield* stringifyInPieces(object)).slice(1, -1);
  return text === '' ? '' : `,${text}`;
}

function decoded(bytes: Uint8Array, value: unknown): UnstructuredObject {
  const object = asUnstructured(value as object);
  BYTES.set(object, bytes);
  return object;
}

const BYTES = new WeakMap<object, Uint8Array>();

/** What an object was decoded from. */
export function bytesOf(object: object): Uint8Array | undefined {
  return BYTES.get(object);
}
