/**
 * The shape of an API type, as every engine reads it: decoding, defaulting, pruning, merging, printing, encoding.
 * Built-in types (type-tables.ts) and custom resources' structural schemas both come in this form.
 */

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'quantity'
  | 'int-or-string'
  | 'time'
  | 'micro-time'
  | 'duration';

interface ScalarSchema {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  readonly enum?: readonly string[] | undefined;
}

/** A struct within a struct: its fields are among the outer one's, but a message of their own in protobuf. */
export interface EmbeddedSchema {
  readonly number: number;
  readonly name: string;
  /** Resolved on first use. */
  readonly schema: TypeSchema;
}

/** Named fields. `atomic`: structured merge replaces it whole. */
export interface StructSchema {
  readonly kind: 'struct';
  /** Definition name (`io.k8s.api.core.v1.Pod`), for messages and tables keyed by type; '' if it has none. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  readonly atomic: boolean;
  /** Unknown fields are data: custom resources with `x-kubernetes-preserve-unknown-fields`. */
  readonly preserveUnknownFields?: boolean | undefined;
  readonly embedded?: readonly EmbeddedSchema[] | undefined;
}

/** String keys to values of one schema. */
export interface MapSchema {
  readonly kind: 'map';
  readonly element: TypeSchema;
  readonly atomic: boolean;
}

export interface ListSchema {
  readonly kind: 'list';
  readonly element: TypeSchema;
  readonly listType: 'atomic' | 'set' | 'map';
  /** Of listType map; otherwise empty. */
  readonly listMapKeys: readonly string[];
}

/** A Go union that writes a struct, or something else in its place: `JSONSchemaPropsOrBool`. */
export interface UnionSchema {
  readonly name: string;
  readonly or: 'array' | 'boolean' | 'string-array';
  /** Resolved on first use. */
  readonly struct: TypeSchema;
}

/** Any JSON: raw extensions, `fieldsV1`, `JSON`, schemaless custom resources. */
export interface UntypedSchema {
  readonly kind: 'untyped';
  readonly type: 'raw' | 'fieldsV1' | 'json' | 'any';
  /** Narrows `json` to the forms of a union. */
  readonly union?: UnionSchema | undefined;
}

export type TypeSchema = ScalarSchema | StructSchema | MapSchema | ListSchema | UntypedSchema;

/** One field of a struct, with what Go's struct tags and OpenAPI markers say of it. */
export interface FieldSchema {
  readonly name: string;
  /** Resolved on first use: types may contain themselves. */
  readonly schema: TypeSchema;
  /** In OpenAPI's required list. */
  readonly required: boolean;
  /** JSON tags: without `omitempty` the field is always written, zero or null. */
  readonly omitempty: boolean;
  readonly omitzero: boolean;
  /** Validation refuses it empty, and lets it be absent: it is not left out when decoded. */
  readonly keepsEmpty?: boolean | undefined;
  /** Go pointer: unset and null differ from zero. */
  readonly pointer: boolean;
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`, in any combination. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey?: string | undefined;
  readonly default?: unknown;
  /** Go's name of its type, for messages; without it the schema tells. */
  readonly goType?: string | undefined;
}
