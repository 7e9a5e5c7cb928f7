/** Storage encoding of objects: JSON of one version, with the revision at a fixed position. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { forgetEmpties } from '../../runtime/forget-empties.ts';
import { formatGroupVersion, type GroupVersionKind, gvkOf } from '../../runtime/group-version.ts';
import type { RuntimeObject, Scheme } from '../../runtime/scheme.ts';
import { parseInPieces } from '../../runtime/serializer/json/untyped-decoders.ts';
import { settleDoubles } from '../../runtime/settle-doubles.ts';
import type { StorageCodec } from '../../storage/storage.ts';
import { atOnce, inPieces, type Pieces } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { hasLongIntegers, parseJSON, stringifyInPieces } from '../../util/exact-json.ts';
import { textOfBytes } from '../../util/text-of-bytes.ts';

const QUOTE = '"'.charCodeAt(0);

/** A codec that can tell whether bytes are in the current storage version and can be sent unchanged. */
export interface ObjectCodec<T extends KubeObject> extends StorageCodec<T> {
  isCurrent(bytes: Uint8Array): boolean;
}

const codecs = new WeakMap<Scheme, Map<string, VersionedStorageCodec<KubeObject>>>();

/** The codec of a version, shared by all control planes with the scheme. */
export function storageCodecFor<T extends KubeObject>(
  scheme: Scheme,
  storageVersion: GroupVersionKind,
): VersionedStorageCodec<T> {
  const ofScheme = codecs.get(scheme) ?? new Map<string, VersionedStorageCodec<KubeObject>>();
  codecs.set(scheme, ofScheme);
  const name = `${formatGroupVersion(storageVersion)}/${storageVersion.kind}`;
  const codec = ofScheme.get(name) ?? new VersionedStorageCodec<KubeObject>(scheme, storageVersion);
  ofScheme.set(name, codec);
  return codec as unknown as VersionedStorageCodec<T>;
}

/**
 * Encodes objects as `{"kind":...,"apiVersion":...,"metadata":{"resourceVersion":"N",...`, so that the revision can be
 * replaced and the kind determined without parsing.
 */
export class VersionedStorageCodec<T extends KubeObject> implements ObjectCodec<T> {
  readonly storageVersion: GroupVersionKind;
  readonly #scheme: Scheme;
  readonly #head: string;
  readonly #headBytes: Buffer;

  constructor(scheme: Scheme, storageVersion: GroupVersionKind) {
    this.storageVersion = storageVersion;
    this.#scheme = scheme;
    const apiVersion = formatGroupVersion(storageVersion);
    this.#head = `{"kind":${JSON.stringify(storageVersion.kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":{"resourceVersion":"`;
    this.#headBytes = Buffer.from(this.#head);
  }

  encode(object: T, resourceVersion: number): Uint8Array {
    return atOnce(this.#encode(object, resourceVersion));
  }

  async encodeInPieces(object: T, resourceVersion: number): Promise<Uint8Array> {
    return inPieces(this.#encode(object, resourceVersion));
  }

  *#encode(object: T, resourceVersion: number): Pieces<Uint8Array> {
    // A conversion may modify its input, which belongs to the caller.
    const converts = this.#scheme.knownType(this.storageVersion).fromInternal !== undefined;
    const owned = converts ? deepCopy(object) : { ...object };
    yield;
    const { kind, apiVersion, metadata, ...rest } = yield* forgetEmpties(
      this.#scheme.fromInternal<KubeObject>(owned, this.storageVersion),
      this.#scheme.schema(this.storageVersion),
    );
    yield;
    const { resourceVersion: _, ...others } = metadata;
    const tail = (yield* stringifyInPieces(others)).slice(1);
    const fields = (yield* stringifyInPieces(rest)).slice(1);
    return Buffer.from(
      `${this.#head}${resourceVersion}"${tail === '}' ? '' : ','}${tail}${fields === '}' ? '' : ','}${fields}`,
    );
  }

  decode(bytes: Uint8Array): T {
    const text = textOfBytes(bytes);
    return this.#internal(text, parseJSON(text));
  }

  async decodeInPieces(bytes: Uint8Array): Promise<T> {
    const text = textOfBytes(bytes);
    return this.#internal(text, await inPieces(parseInPieces(text)));
  }

  /** `value` is the parsed text. */
  #internal(text: string, value: unknown): T {
    const object = value as RuntimeObject;
    if (hasLongIntegers(text)) settleDoubles(object, this.#scheme.schema(gvkOf(object)));
    return this.#scheme.toInternal<T>(object);
  }

  rewriteResourceVersion(bytes: Uint8Array, resourceVersion: number): Uint8Array {
    if (!this.isCurrent(bytes)) return this.encode(this.decode(bytes), resourceVersion);
    const end = bytes.indexOf(QUOTE, this.#headBytes.length);
    return Buffer.concat([this.#headBytes, Buffer.from(String(resourceVersion)), bytes.subarray(end)]);
  }

  /** Whether bytes are in the current storage version; an earlier release may have stored another. */
  isCurrent(bytes: Uint8Array): boolean {
    return (
      bytes.length > this.#headBytes.length && this.#headBytes.compare(bytes, 0, this.#headBytes.length) === 0
    );
  }
}
