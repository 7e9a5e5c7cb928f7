/** Custom resources as they are stored: JSON of one version, with the revision at a place that is known. */

import { asUnstructured, type UnstructuredObject } from '../../../meta/kube-object.ts';
import type { ObjectCodec } from '../../../registry/generic/storage-codec.ts';
import { parseJSON, stringifyJSON } from '../../../util/exact-json.ts';

/** What stands before the revision; neither kinds nor versions have quotes in them. */
const BEFORE_REVISION = Buffer.from(',"metadata":{"resourceVersion":"');
const QUOTE = '"'.charCodeAt(0);

/**
 * Writes `{"kind":...,"apiVersion":...,"metadata":{"resourceVersion":"N",...`, whatever the kind. Objects are not
 * converted: which version is stored is decided before they come here.
 */
export const customResourceCodec: ObjectCodec<UnstructuredObject> = {
  encode({ kind, apiVersion, metadata, ...fields }, resourceVersion) {
    const { resourceVersion: _, ...others } = metadata;
    const head = stringifyJSON({ kind, apiVersion }).slice(0, -1);
    return Buffer.from(`${head}${BEFORE_REVISION}${resourceVersion}"${members(others)}}${members(fields)}}`);
  },

  decode(bytes) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    const object = asUnstructured(parseJSON(text) as object);
    BYTES.set(object, bytes);
    return object;
  },

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

/** The members of an object, each after a comma. */
function members(object: object): string {
  const text = stringifyJSON(object).slice(1, -1);
  return text === '' ? '' : `,${text}`;
}

const BYTES = new WeakMap<object, Uint8Array>();

/** What an object was decoded from. */
export function bytesOf(object: object): Uint8Array | undefined {
  return BYTES.get(object);
}
