import type { CustomResourceValidation } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, forbidden, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { byteLength } from '../../meta/validation/format.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { structuralError } from '../schema/structural.ts';
import { validateStructural } from '../schema/structural-validation.ts';
import { validateDefaults } from './default-validation.ts';
import type { DefinitionOptions } from './definition-options.ts';
import { internalJSON, rootSchemaProblem } from './internal-json.ts';
import { validateOpenAPISchema } from './open-api-schema.ts';
import type { RuleContext } from './rule-context.ts';
import type { SchemaTools } from './schema-tools.ts';

/** Characters outside of Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the space. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

export function validateDeprecationWarning(
  deprecated: boolean | undefined,
  warning: string | undefined,
): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const errors: string[] = [];
  if (byteLength(warning) > 256) errors.push('must be <= 256 characters long');
  if (warning === '') errors.push('must not be an empty string');
  const bad = UNPRINTABLE.exec(warning);
  if (bad !== null) {
    const index = byteLength(warning.slice(0, bad.index));
    errors.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${index}`,
    );
  }
  return errors;
}

export interface SchemaValidation {
  readonly options: DefinitionOptions;
  readonly tools: SchemaTools;
  /** Restricts the root of the schema to fields that permit extracting the schema of the status. */
  readonly statusEnabled: boolean;
  /** The name of the version, whose schema may be exempt if it is unchanged. */
  readonly version: string;
}

export function* validateSchema(
  validation: CustomResourceValidation | undefined,
  path: FieldPath,
  { options, tools, statusEnabled, version }: SchemaValidation,
): Pieces<FieldError[]> {
  const schema = validation?.openAPIV3Schema;
  if (!schema) return [];
  const at = path.child('openAPIV3Schema');
  const errors: FieldError[] = [];
  if (statusEnabled) {
    const offending = rootSchemaProblem(schema);
    if (offending === 'Type') {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      errors.push(invalid(path.child('openAPIV3Schema.type'), schema.type, detail));
    } else if (offending !== undefined)
      errors.push(invalid(at, internalJSON('JSONSchemaProps', schema), offending));
  }
  if (schema.nullable) {
    errors.push(forbidden(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'));
  }
  let rules: RuleContext | undefined;
  let unreadable: string | undefined;
  if (options.requireStructuralSchema) {
    yield;
    unreadable = structuralError(schema);
    yield;
    if (unreadable === undefined) {
      const found = yield* validateStructural(at, schema, tools.regexp);
      const more =
        found.length > 0
          ? found
          : yield* validateDefaults(at, schema, { tools, requirePruned: options.requirePrunedDefaults });
      appendAll(errors, more);
      if (more.length === 0) {
        rules = tools.rules?.definitionRules(schema, options.versionsWithUnchangedSchemas.has(version));
      }
    }
  }
  appendAll(errors, yield* validateOpenAPISchema(at, schema, options, rules));
  // Skipped if the errors of fields already report it.
  if (errors.length === 0 && unreadable !== undefined) errors.push(invalid(at, '', unreadable));
  return errors.concat(rules?.totalCostErrors(at) ?? []);
}
