/**
 * Validates a definition's schema node by node (upstream's `ValidateCustomResourceDefinitionOpenAPISchema`,
 * pkg/apis/apiextensions/validation/validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, forbidden, invalid, notSupported } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject } from '../../util/json.ts';
import {
  additionalPropertiesOf,
  additionalPropertiesSchemaOf,
  defaultOf,
  itemsListOf,
  itemsOf,
  propertiesOf,
} from '../schema/json-schema-props.ts';
import type { DefinitionOptions } from './definition-options.ts';
import type { RuleContext } from './rule-context.ts';
import {
  OPENAPI_TYPES,
  validateListType,
  validateMapListKeysMapSet,
  validateMapType,
  validateSupported,
} from './schema-rules.ts';
import { validateValidationRules } from './validation-rule.ts';

const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);

/** Properties of a node that depend on its position. */
interface Position {
  readonly path: FieldPath;
  readonly isRoot: boolean;
  readonly allowDefaults: boolean;
  readonly disallowDefaultsReason: string;
  /** Whether it is in the type or metadata of a resource. */
  readonly insideResourceMeta: boolean;
  /** The outermost node whose content can't be correlated with that of the old object. */
  readonly uncorrelatable: FieldPath | undefined;
  /** Undefined where rules aren't validated: in junctors, and in schemas that aren't structural. */
  readonly rules: RuleContext | undefined;
}

export function* validateOpenAPISchema(
  path: FieldPath,
  schema: JSONSchemaProps,
  options: DefinitionOptions,
  rules: RuleContext | undefined,
): Pieces<FieldError[]> {
  const walk = new SchemaWalk(options);
  yield* walk.visit(schema, {
    path,
    isRoot: true,
    allowDefaults: options.allowDefaults,
    disallowDefaultsReason: options.disallowDefaultsReason,
    insideResourceMeta: false,
    uncorrelatable: undefined,
    rules,
  });
  return walk.schemaErrors.concat(walk.ruleErrors);
}

class SchemaWalk {
  readonly schemaErrors: FieldError[] = [];
  readonly ruleErrors: FieldError[] = [];
  readonly #options: DefinitionOptions;

  constructor(options: DefinitionOptions) {
    this.#options = options;
  }

  *visit(schema: JSONSchemaProps, at: Position): Pieces<void> {
    const { schemaErrors } = this;
    const before = schemaErrors.length;
    if (shouldYield()) yield;
    const options = this.#options;
    const { path } = at;
    this.#standard(schema, at);
    if (schema.uniqueItems) {
      const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
      schemaErrors.push(forbidden(path.child('uniqueItems'), detail));
    }
    yield* this.#additionalProperties(schema, at);
    yield* this.#properties(schema, at);
    yield* this.#junctors(schema, at);
    yield* this.#items(schema, at);
    for (const [name, dependency] of Object.entries(schema.dependencies ?? {})) {
      if (isJSONObject(dependency)) {
        yield* this.visit(dependency as JSONSchemaProps, inJunctor(at, path.child('dependencies').key(name)));
      }
    }
    if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
      const name = 'x-kubernetes-preserve-unknown-fields';
      schemaErrors.push(invalid(path.child(name), false, 'must be true or undefined'));
    }
    appendAll(schemaErrors, validateMapType(schema, path), validateListType(schema, path, options));
    if (options.requireMapListKeysMapSetValidation) {
      appendAll(schemaErrors, validateMapListKeysMapSet(schema, path));
    }
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length === 0) return;
    appendAll(schemaErrors, validateValidationRules(rules, schema, path.child('x-kubernetes-validations')));
    // Rules can't be type-checked against a schema with errors below.
    if (schemaErrors.length > before || at.rules === undefined) return;
    const atRules = path.child('x-kubernetes-validations');
    appendAll(this.ruleErrors, yield* at.rules.validate(atRules, at.uncorrelatable));
  }

  #standard(schema: JSONSchemaProps, at: Position): void {
    const { schemaErrors } = this;
    const { path } = at;
    if (this.#options.requireValidPropertyType && schema.type && !OPENAPI_TYPES.includes(schema.type)) {
      schemaErrors.push(notSupported(path.child('type'), schema.type, OPENAPI_TYPES));
    }
    if (defaultOf(schema) !== undefined && !at.allowDefaults) {
      const reason = at.disallowDefaultsReason;
      schemaErrors.push(
        forbidden(path.child('default'), reason ? `must not be set ${reason}` : 'must not be set'),
      );
    }
    appendAll(schemaErrors, validateSupported(schema, path));
    if (at.insideResourceMeta && schema['x-kubernetes-embedded-resource']) {
      const detail = 'must not be used inside of resource meta';
      schemaErrors.push(forbidden(path.child('x-kubernetes-embedded-resource'), detail));
    }
  }

  *#additionalProperties(schema: JSONSchemaProps, at: Position): Pieces<void> {
    const additional = additionalPropertiesOf(schema);
    const path = at.path.child('additionalProperties');
    if (additional !== undefined && additional !== true && propertiesOf(schema).length > 0) {
      const detail = 'additionalProperties and properties are mutual exclusive';
      this.schemaErrors.push(forbidden(path, detail));
    }
    const child = additionalPropertiesSchemaOf(schema);
    if (child === undefined) return;
    const forbidding = 'inside additionalProperties applying to object metadata';
    yield* this.visit(child, {
      ...at,
      ...(at.insideResourceMeta && { allowDefaults: false, disallowDefaultsReason: forbidding }),
      path,
      isRoot: false,
      rules: at.rules?.additionalProperties(child),
    });
  }

  *#properties(schema: JSONSchemaProps, at: Position): Pieces<void> {
    const { isRoot } = at;
    const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true;
    const mapType = schema['x-kubernetes-map-type'];
    const correlatable = mapType === undefined || mapType === 'granular' || mapType === 'atomic';
    for (const [name, property] of propertiesOf(schema)) {
      const isMeta = isResource && META_FIELDS.has(name);
      yield* this.visit(property, {
        ...at,
        ...(isMeta && { insideResourceMeta: true }),
        ...(isMeta && isRoot && { allowDefaults: false, disallowDefaultsReason: `in top-level ${name}` }),
        uncorrelatable: at.uncorrelatable ?? (correlatable ? undefined : at.path),
        path: at.path.child('properties').key(name),
        isRoot: false,
        rules: at.rules?.property(name, property),
      });
    }
  }

  *#junctors(schema: JSONSchemaProps, at: Position): Pieces<void> {
    const { path } = at;
    if (schema.not) yield* this.visit(schema.not, inJunctor(at, path.child('not')));
    for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
      for (const [index, nested] of (schema[junctor] ?? []).entries()) {
        yield* this.visit(nested, inJunctor(at, path.child(junctor).index(index)));
      }
    }
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) {
      yield* this.visit(definition, inJunctor(at, path.child('definitions').key(name)));
    }
  }

  *#items(schema: JSONSchemaProps, at: Position): Pieces<void> {
    const path = at.path.child('items');
    const correlatable = schema['x-kubernetes-list-type'] === 'map';
    const uncorrelatable = at.uncorrelatable ?? (correlatable ? undefined : at.path);
    const items = itemsOf(schema);
    if (items !== undefined) {
      yield* this.visit(items, { ...at, path, uncorrelatable, isRoot: false, rules: at.rules?.items(items) });
    }
    for (const [index, item] of itemsListOf(schema).entries()) {
      yield* this.visit(item, {
        ...at,
        path: path.index(index),
        uncorrelatable,
        isRoot: false,
        rules: undefined,
      });
    }
  }
}

const inJunctor = (at: Position, path: FieldPath): Position => ({
  ...at,
  path,
  isRoot: false,
  rules: undefined,
});
