/**
 * Encoding and decoding of objects (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/interfaces.go).
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

/** Returns the schema of a kind; undefined means any JSON object (custom resources). Throws `NotRegisteredError`. */
export type KindSchemas = (gvk: GroupVersionKind) => TypeSchema | undefined;

export interface DecodeOptions {
  /** Completes a kind that the bytes don't declare fully. */
  readonly defaults?: GroupVersionKind | undefined;
  /** Decodes like Go decodes custom resources: the kind must be declared, and the version is checked later. */
  readonly unstructured?: boolean | undefined;
  /** Whether to detect unknown and duplicate fields: `fieldValidation` Strict and Warn. Not applicable to protobuf. */
  readonly strict?: boolean | undefined;
  /** For bytes from clients: throws `BodyBudgetError` beyond `MAX_VALUES`. JSON has already been counted. */
  readonly budgeted?: boolean | undefined;
}

export interface Decoded {
  /** In the version of the bytes, with apiVersion and kind set; defaults aren't applied. */
  readonly object: RuntimeObject;
  readonly gvk: GroupVersionKind;
  /** One message per field, for warnings or for an error with `strictDecodingMessage`. */
  readonly strictErrors: readonly string[];
}

export interface Serializer {
  /** Throws `DecodingError`. */
  decode(bytes: Uint8Array, options?: DecodeOptions): Decoded;
  /**
   * Like `decode`, but yields to the event loop while decoding a large object, and delegates the longest part to
   * `convert` if given. Absent if decoding never takes long.
   */
  decodeInPieces?(bytes: Uint8Array, options: DecodeOptions, convert?: ConvertYAML): Promise<Decoded>;
  encode(object: RuntimeObject): Uint8Array;
  /** Like `encode`, but yields to the event loop while encoding a large object. Absent if encoding never takes long. */
  encodeInPieces?(object: RuntimeObject): Promise<Uint8Array>;
}

/** Encodes watch events one by one. */
export interface StreamSerializer {
  /** The `Content-Type` of the stream. */
  readonly contentType: string;
  /** Encodes one frame. `object` must be encoded by the serializer of the same media type. */
  encodeEvent(type: string, object: Uint8Array): Uint8Array;
  /** Whether frames are text, for transports that distinguish text from binary (WebSocket). */
  readonly isText: boolean;
  /** Length of the prefix that delimits an event, which message-based transports omit. */
  readonly lengthBytes: number;
}

/** The capabilities of a media type. */
export interface SerializerInfo {
  readonly mediaType: MediaType;
  readonly serializer: Serializer;
  /** For humans: `?pretty=true`. */
  readonly prettySerializer?: Serializer | undefined;
  /** If absent, watches aren't supported in this media type. */
  readonly streamSerializer?: StreamSerializer | undefined;
  /** If absent, objects are encoded anew for each answer. */
  readonly items?: ItemEncoding | undefined;
}
