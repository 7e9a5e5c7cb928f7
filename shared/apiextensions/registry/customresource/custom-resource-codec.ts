/** Storage encoding of custom resources: JSON of one version, with the revision at a fixed position. */

import { asUnstructured, type UnstructuredObject } from '../../../meta/kube-object.ts';
import type { ObjectCodec } from '../../../registry/generic/storage-codec.ts';
import { parseInPieces } from '../../../runtime/serializer/json/untyped-decoders.ts';
import { atOnce, inPieces, type Pieces } from '../../../util/breathe.ts';
import { parseJSON, stringifyInPieces, stringifyJSON } from '../../../util/exact-json.ts';
import { textOfBytes } from '../../../util/text-of-bytes.ts';

/** The text before the revision; neither kinds nor versions contain quotes. */
const BEFORE_REVISION = Buffer.from(',"metadata":{"resourceVersion":"');
const QUOTE = '"'.charCodeAt(0);

/**
 * Encodes as `{"kind":...,"apiVersion":...,"metadata":{"resourceVersion":"N",...`, for any kind. Doesn't convert:
 * objects must already be in the storage version.
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

/** The members of an object, each preceded by a comma. */
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

/** The bytes from which an object was decoded. */
export function bytesOf(object: object): Uint8Array | undefined {
  return BYTES.get(object);
}
