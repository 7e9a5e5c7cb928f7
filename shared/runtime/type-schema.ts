/**
 * Schemas of API types, used for decoding, defaulting, pruning, merging, printing and encoding. Built-in types
 * (type-tables.ts) and structural schemas of custom resources both have this form.
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

/** An embedded struct, whose fields belong to the outer struct but are a nested message in protobuf. */
export interface EmbeddedSchema {
  readonly number: number;
  readonly name: string;
  /** Resolved on first use. */
  readonly schema: TypeSchema;
}

/** Named fields. If `atomic`, structured merge replaces the whole struct. */
export interface StructSchema {
  readonly kind: 'struct';
  /** The definition name (`io.k8s.api.core.v1.Pod`), for messages and tables keyed by type; '' if it has none. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  readonly atomic: boolean;
  /** Whether unknown fields are kept: custom resources with `x-kubernetes-preserve-unknown-fields`. */
  readonly preserveUnknownFields?: boolean | undefined;
  readonly embedded?: readonly EmbeddedSchema[] | undefined;
}

/** A map from strings to values of one schema. */
export interface MapSchema {
  readonly kind: 'map';
  readonly element: TypeSchema;
  readonly atomic: boolean;
}

export interface ListSchema {
  readonly kind: 'list';
  readonly element: TypeSchema;
  readonly listType: 'atomic' | 'set' | 'map';
  /** Set for listType map, otherwise empty. */
  readonly listMapKeys: readonly string[];
}

/** A Go union that is encoded either as a struct or as another type: `JSONSchemaPropsOrBool`. */
export interface UnionSchema {
  readonly name: string;
  readonly or: 'array' | 'boolean' | 'string-array';
  /** Resolved on first use. */
  readonly struct: TypeSchema;
}

/** Any JSON: raw extensions, `fieldsV1`, `JSON`, custom resources without a schema. */
export interface UntypedSchema {
  readonly kind: 'untyped';
  readonly type: 'raw' | 'fieldsV1' | 'json' | 'any';
  /** Restricts `json` to the forms of a union. */
  readonly union?: UnionSchema | undefined;
}

export type TypeSchema = ScalarSchema | StructSchema | MapSchema | ListSchema | UntypedSchema;

/** A field of a struct, with the facts from Go's struct tags and OpenAPI markers. */
export interface FieldSchema {
  readonly name: string;
  /** Resolved on first use, because types may be recursive. */
  readonly schema: TypeSchema;
  /** Whether it is in OpenAPI's required list. */
  readonly required: boolean;
  /** JSON tags. Without `omitempty`, the field is always encoded, as zero or null if unset. */
  readonly omitempty: boolean;
  readonly omitzero: boolean;
  /** Set if validation rejects an empty value but allows a missing one, so that decoding keeps empty values. */
  readonly keepsEmpty?: boolean | undefined;
  /** Whether it is a pointer in Go, for which unset and null differ from zero. */
  readonly pointer: boolean;
  /** Strategic merge patch: any combination of `merge`, `replace` and `retainKeys`. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey?: string | undefined;
  readonly default?: unknown;
  /** Go's name of the type for messages, if the schema doesn't determine it. */
  readonly goType?: string | undefined;
}
