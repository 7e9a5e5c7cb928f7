/**
 * The view of schemas that CEL uses: OpenAPI v3 with Kubernetes' extensions, inside and outside of custom resource
 * definitions (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/adaptor.go).
 */

/** A `JSONSchemaProps`; unknown keys are ignored. */
export interface CelSchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly properties?: Readonly<Record<string, CelSchema>> | undefined;
  readonly additionalProperties?: boolean | CelSchema | undefined;
  readonly items?: CelSchema | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly default?: unknown;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly nullable?: boolean | undefined;
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined;
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined;
  readonly 'x-kubernetes-list-type'?: string | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
}

const STRING_SCHEMA: CelSchema = { type: 'string' };
const METADATA_SCHEMA: CelSchema = {
  type: 'object',
  properties: { name: STRING_SCHEMA, generateName: STRING_SCHEMA },
};

/** The schema of a property; undefined if it is not declared. */
export function propertyOf(schema: CelSchema, name: string): CelSchema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, name)
    ? schema.properties[name]
    : undefined;
}

/** The schema of a map's values; undefined if the schema is not a map. */
export function valuesOf(schema: CelSchema): CelSchema | undefined {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/**
 * Adds the properties that every resource has even if its schema omits them: kind, apiVersion, and the names in
 * metadata.
 */
export function withTypeAndObjectMeta(schema: CelSchema): CelSchema {
  const metadata = propertyOf(schema, 'metadata');
  const complete =
    propertyOf(schema, 'kind')?.type === 'string' &&
    propertyOf(schema, 'apiVersion')?.type === 'string' &&
    metadata?.type === 'object' &&
    propertyOf(metadata, 'name')?.type === 'string' &&
    propertyOf(metadata, 'generateName')?.type === 'string';
  if (complete) return schema;
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema.properties,
      kind: STRING_SCHEMA,
      apiVersion: STRING_SCHEMA,
      metadata: METADATA_SCHEMA,
    },
  };
}
