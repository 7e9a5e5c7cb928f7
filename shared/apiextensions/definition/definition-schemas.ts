/** Accessors for the schemas of a definition. */

import { type DefinitionSpec, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { schemaHas } from '../schema/json-schema-props.ts';

export function schemasOf(spec: DefinitionSpec): JSONSchemaProps[] {
  return [spec.validation, ...versionsOf(spec).map(({ schema }) => schema)].flatMap((validation) =>
    validation?.openAPIV3Schema ? [validation.openAPIV3Schema] : [],
  );
}

/** Whether processing the definition requires CEL. */
export function hasRules(spec: DefinitionSpec): boolean {
  return schemasOf(spec).some((root) =>
    schemaHas(root, (schema) => (schema['x-kubernetes-validations'] ?? []).length > 0),
  );
}
