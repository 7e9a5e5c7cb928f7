/**
 * Structural schemas: the part of an OpenAPI schema that specifies fields, compiled for traversing objects
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/structural.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import {
  additionalPropertiesOf,
  additionalPropertiesSchemaOf,
  defaultOf,
  itemsListOf,
  itemsOf,
  propertiesOf,
} from './json-schema-props.ts';

/** One node. Value validations are compiled separately (validation/schema-validator.ts). */
export interface Structural {
  readonly type: string;
  readonly format: string;
  readonly nullable: boolean;
  /** Undefined if there is none. Shared, so it must be copied into objects. */
  readonly default: unknown;
  readonly preserveUnknownFields: boolean;
  readonly embeddedResource: boolean;
  readonly intOrString: boolean;
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: string | undefined;
  readonly items: Structural | undefined;
  readonly properties: ReadonlyMap<string, Structural>;
  /** `true` allows anything; `false` or undefined nothing. */
  readonly additionalProperties: Structural | boolean | undefined;
  readonly required: readonly string[];
  readonly contains: SubtreeFeatures;
}

/** Features present at a node or below it, so that traversals can skip other subtrees. */
interface SubtreeFeatures {
  readonly defaults: boolean;
  readonly embeddedResources: boolean;
  /** Lists of type set or map. */
  readonly listTypes: boolean;
}

const UNSUPPORTED: readonly (readonly [string, (schema: JSONSchemaProps) => boolean])[] = [
  ['id', ({ id }) => Boolean(id)],
  ['schema', ({ $schema }) => Boolean($schema)],
  ['$ref', ({ $ref }) => Boolean($ref)],
  ['patternProperties', ({ patternProperties }) => Object.keys(patternProperties ?? {}).length > 0],
  ['dependencies', ({ dependencies }) => Object.keys(dependencies ?? {}).length > 0],
  ['additionalItems', ({ additionalItems }) => additionalItems != null],
  ['definitions', ({ definitions }) => Object.keys(definitions ?? {}).length > 0],
];

/** The reason why `schema` can't be compiled as a structural schema; undefined if it can. */
export function structuralError(schema: JSONSchemaProps): string | undefined {
  for (const [name, isSet] of UNSUPPORTED) {
    if (isSet(schema)) return `OpenAPIV3Schema '${name}' is not supported`;
  }
  const junctors = [schema.not, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const nested of junctors) {
    const error = nested && structuralError(nested);
    if (error) return error;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (itemsListOf(schema).length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const inner = [itemsOf(schema), ...propertiesOf(schema).map(([, child]) => child)];
  for (const child of [...inner, additionalPropertiesSchemaOf(schema)]) {
    const error = child && structuralError(child);
    if (error) return error;
  }
  return undefined;
}

/**
 * Compiles a schema for which `structuralError` returned undefined. The result retains neither descriptions nor the
 * schema. A schema object that is shared, even with other schemas compiled with the same `known`, becomes a shared
 * node.
 */
export function newStructural(
  schema: JSONSchemaProps,
  known = new Map<JSONSchemaProps, Structural>(),
): Structural {
  return compileNode(schema, known);
}

const NO_PROPERTIES: ReadonlyMap<string, Structural> = new Map();
const NONE: readonly string[] = [];

function compileNode(schema: JSONSchemaProps, known: Map<JSONSchemaProps, Structural>): Structural {
  let structural = known.get(schema);
  if (structural === undefined) {
    structural = newNode(schema, (child) => compileNode(child, known));
    known.set(schema, structural);
  }
  return structural;
}

function newNode(schema: JSONSchemaProps, compile: (child: JSONSchemaProps) => Structural): Structural {
  const items = itemsOf(schema);
  const additional = additionalPropertiesOf(schema);
  const compiledItems = items && compile(items);
  const compiledAdditional = typeof additional === 'object' ? compile(additional) : additional;
  const named = propertiesOf(schema).map(([name, child]) => [name, compile(child)] as const);
  const properties = named.length === 0 ? NO_PROPERTIES : new Map(named);
  const children = [...properties.values()];
  if (compiledItems !== undefined) children.push(compiledItems);
  if (typeof compiledAdditional === 'object') children.push(compiledAdditional);
  const value = defaultOf(schema);
  const listType = schema['x-kubernetes-list-type'];
  const embeddedResource = schema['x-kubernetes-embedded-resource'] ?? false;
  const below = (feature: keyof SubtreeFeatures): boolean =>
    children.some(({ contains }) => contains[feature]);
  return {
    type: schema.type ?? '',
    format: schema.format ?? '',
    nullable: schema.nullable ?? false,
    default: value,
    preserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? false,
    embeddedResource,
    intOrString: schema['x-kubernetes-int-or-string'] ?? false,
    listType,
    listMapKeys: schema['x-kubernetes-list-map-keys'] ?? NONE,
    mapType: schema['x-kubernetes-map-type'],
    items: compiledItems,
    properties,
    additionalProperties: compiledAdditional,
    required: schema.required ?? NONE,
    contains: featuresOf(
      value !== undefined || below('defaults'),
      embeddedResource || below('embeddedResources'),
      listType === 'set' || listType === 'map' || below('listTypes'),
    ),
  };
}

/** All combinations, so that nodes share them. */
const FEATURES: readonly SubtreeFeatures[] = Array.from({ length: 8 }, (_, bits) => ({
  defaults: (bits & 1) !== 0,
  embeddedResources: (bits & 2) !== 0,
  listTypes: (bits & 4) !== 0,
}));

function featuresOf(defaults: boolean, embeddedResources: boolean, listTypes: boolean): SubtreeFeatures {
  return FEATURES[Number(defaults) | (Number(embeddedResources) << 1) | (Number(listTypes) << 2)]!;
}

/** The schema of a field: its own or that of additional properties. */
export function fieldSchema(schema: Structural | undefined, name: string): Structural | undefined {
  if (schema === undefined) return undefined;
  const property = schema.properties.get(name);
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Specifies no fields. */
export const EMPTY_STRUCTURAL: Structural = newStructural({});
