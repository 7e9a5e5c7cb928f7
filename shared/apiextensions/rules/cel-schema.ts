import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { CelSchema } from '../../cel/schema.ts';
import { compact } from '../../util/compact.ts';
import { setOwn } from '../../util/json.ts';
import { additionalPropertiesOf, itemsOf, propertiesOf } from '../schema/json-schema-props.ts';

/** Extracts the parts of a schema that CEL uses: types and sizes. The rest, such as descriptions, can be released. */
export function celSchemaOf(schema: JSONSchemaProps): CelSchema {
  return convert(schema, new Map());
}

/** Preserves sharing: one object in the schema becomes one object in the result. */
function convert(schema: JSONSchemaProps, known: Map<JSONSchemaProps, CelSchema>): CelSchema {
  let celSchema = known.get(schema);
  if (celSchema === undefined) {
    celSchema = newSchema(schema, (child) => convert(child, known));
    known.set(schema, celSchema);
  }
  return celSchema;
}

function newSchema(schema: JSONSchemaProps, convert: (child: JSONSchemaProps) => CelSchema): CelSchema {
  const items = itemsOf(schema);
  const additional = additionalPropertiesOf(schema);
  const properties: Record<string, CelSchema> = {};
  for (const [name, property] of propertiesOf(schema)) setOwn(properties, name, convert(property));
  return compact({
    type: schema.type,
    format: schema.format,
    properties: schema.properties === undefined ? undefined : properties,
    additionalProperties: typeof additional === 'object' ? convert(additional) : additional,
    items: items && convert(items),
    required: schema.required,
    enum: schema.enum,
    default: schema.default ?? undefined,
    maxLength: schema.maxLength,
    maxItems: schema.maxItems,
    maxProperties: schema.maxProperties,
    nullable: schema.nullable,
    'x-kubernetes-int-or-string': schema['x-kubernetes-int-or-string'],
    'x-kubernetes-preserve-unknown-fields': schema['x-kubernetes-preserve-unknown-fields'],
    'x-kubernetes-embedded-resource': schema['x-kubernetes-embedded-resource'],
    'x-kubernetes-list-type': schema['x-kubernetes-list-type'],
    'x-kubernetes-list-map-keys': schema['x-kubernetes-list-map-keys'],
  });
}
