/**
 * How objects become bytes and bytes objects
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/interfaces.go).
 */

import type { GroupVersionKind } from '../group-version.ts';
import type { RuntimeObject } from '../scheme.ts';
import type { TypeSchema } from '../type-schema.ts';
import type { ItemEncoding } from './item-encoding.ts';
import type { ConvertYAML } from './yaml/convert-yaml.ts';

export type MediaType =
  | 'application/json'
  | 'application/yaml'
  | 'application/vnd.kubernetes.protobuf'
  | 'application/cbor';

/** The schema of a kind; throws `NotRegisteredError`. Undefined: any JSON object (custom resources). */
export type KindSchemas = (gvk: GroupVersionKind) => TypeSchema | undefined;

export interface DecodeOptions {
  /** Stands in for what the bytes don't say of their kind. */
  readonly defaults?: GroupVersionKind | undefined;
  /** As Go reads custom resources: they say their kind, and whether their version is the right one is asked later. */
  readonly unstructured?: boolean | undefined;
  /** Look for unknown and duplicate fields: `fieldValidation` Strict and Warn. Protobuf has neither. */
  readonly strict?: boolean | undefined;
  /** The bytes are a client's: `BodyBudgetError` for more than `MAX_VALUES`. JSON is counted before it gets here. */
  readonly budgeted?: boolean | undefined;
}

export interface Decoded {
  /** In the version the bytes are in, apiVersion and kind set; not yet defaulted. */
  readonly object: RuntimeObject;
  readonly gvk: GroupVersionKind;
  /** One message per field: warnings, or an error by `strictDecodingMessage`. */
  readonly strictErrors: readonly string[];
}

export interface Serializer {
  /** Throws `DecodingError`. */
  decode(bytes: Uint8Array, options?: DecodeOptions): Decoded;
  /**
   * `decode`, which leaves the event loop to others while it reads a large object, and what takes longest to `convert`,
   * where there is such a place. Absent: nothing in it takes long.
   */
  decodeInPieces?(bytes: Uint8Array, options: DecodeOptions, convert?: ConvertYAML): Promise<Decoded>;
  encode(object: RuntimeObject): Uint8Array;
  /** The same bytes; leaves the event loop to others while it writes a large object. Absent: nothing takes long. */
  encodeInPieces?(object: RuntimeObject): Promise<Uint8Array>;
}

/** Writes watch events one by one. */
export interface StreamSerializer {
  /** `Content-Type` of the stream. */
  readonly contentType: string;
  /** One frame. `object` is encoded by the serializer of the same media type. */
  encodeEvent(type: string, object: Uint8Array): Uint8Array;
  /** Frames are text where a transport tells text from bytes. */
  readonly isText: boolean;
  /** Bytes before an event that only say where it ends: what keeps messages apart by itself leaves them out. */
  readonly lengthBytes: number;
}

/** What the server can do with a media type. */
export interface SerializerInfo {
  readonly mediaType: MediaType;
  readonly serializer: Serializer;
  /** For people: `?pretty=true`. */
  readonly prettySerializer?: Serializer | undefined;
  /** Absent: there are no watches in this media type. */
  readonly streamSerializer?: StreamSerializer | undefined;
  /** Absent: objects are encoded anew for each answer. */
  readonly items?: ItemEncoding | undefined;
}
