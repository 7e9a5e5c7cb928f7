/**
 * Validates defaults, which must be pruned and valid at their position
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/defaulting/validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { aggregateFieldErrors, type FieldError, formatFieldError, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { isJSONObject } from '../../util/json.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { defaultOf, itemsOf, propertiesOf, schemaHas } from '../schema/json-schema-props.ts';
import { prune, pruneValue } from '../schema/pruning.ts';
import { newStructural, type Structural } from '../schema/structural.ts';
import { SchemaValidator } from '../validation/schema-validator.ts';
import type { SchemaTools } from './schema-tools.ts';

/** Embeds a value at its position in a resource. */
type Surround = (value: unknown) => unknown;

/** A position in the schema. */
interface Place {
  readonly path: FieldPath;
  readonly surround: Surround;
  /** The schema of the resource that contains the position. */
  readonly root: Structural;
  /** Whether it is inside the type and metadata of a resource. */
  readonly insideMeta: boolean;
}

const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'apiVersion', 'kind']);
const STRICT = { dropInvalidFields: false };

/** The resource in which defaults are validated. */
const resourceAround: Surround = (value) =>
  isJSONObject(value) ? { apiVersion: 'validation/v1', kind: 'Validation', ...value } : value;

/** Validates all defaults of a structural schema of whole resources. */
export function* validateDefaults(
  path: FieldPath,
  schema: JSONSchemaProps,
  options: { readonly tools: SchemaTools; readonly requirePruned: boolean },
): Pieces<FieldError[]> {
  if (!schemaHas(schema, (inner) => defaultOf(inner) !== undefined)) return [];
  const checker = new DefaultChecker(options.tools, options.requirePruned);
  const root = newStructural({ ...schema, 'x-kubernetes-embedded-resource': true });
  yield* checker.check(schema, root, { path, surround: resourceAround, root, insideMeta: false });
  return checker.errors;
}

class DefaultChecker {
  readonly errors: FieldError[] = [];
  readonly #tools: SchemaTools;
  readonly #requirePruned: boolean;
  /** Remaining cost budget of the rules on all defaults; undefined before the first one. */
  #budget: number | undefined;

  constructor(tools: SchemaTools, requirePruned: boolean) {
    this.#tools = tools;
    this.#requirePruned = requirePruned;
  }

  /** Skips additionalProperties, where defaults are forbidden. */
  *check(schema: JSONSchemaProps, structural: Structural, place: Place): Pieces<void> {
    if (this.#budget !== undefined && this.#budget < 0) return;
    const here = structural.embeddedResource
      ? { path: place.path, surround: resourceAround, root: structural, insideMeta: false }
      : place;
    const value = structural.default;
    if (value !== undefined) yield* this.#default(schema, structural, here);
    if (shouldYield()) yield;
    const { path, surround } = here;
    const items = itemsOf(schema);
    if (items !== undefined && structural.items?.contains.defaults) {
      const inItems = { ...here, path: path.child('items'), surround: (item: unknown) => surround([item]) };
      yield* this.check(items, structural.items, inItems);
    }
    for (const [name, property] of propertiesOf(schema)) {
      const compiled = structural.properties.get(name)!;
      if (!compiled.contains.defaults) continue;
      yield* this.check(property, compiled, {
        ...here,
        path: path.child('properties').key(name),
        surround: (field: unknown) => surround({ [name]: field }),
        insideMeta: here.insideMeta || (structural.embeddedResource && META_FIELDS.has(name)),
      });
    }
  }

  *#default(schema: JSONSchemaProps, structural: Structural, place: Place): Pieces<void> {
    const path = place.path.child('default');
    const value = structural.default;
    const errors = place.insideMeta
      ? this.#metaErrors(path, value, place)
      : this.#valueErrors(path, value, structural);
    if (errors.length > 0) {
      appendAll(this.errors, errors);
      return;
    }
    const schemaErrors = yield* new SchemaValidator(schema, this.#tools.regexp).validate(path, value);
    if (schemaErrors.length > 0) appendAll(this.errors, schemaErrors);
    else yield* this.#rules(schema, { path, value, isResourceRoot: structural === place.root });
  }

  /** Evaluates the rules twice: as an update without changes, for transition rules, and as a creation. */
  *#rules(
    schema: JSONSchemaProps,
    {
      path,
      value,
      isResourceRoot,
    }: { readonly path: FieldPath; readonly value: unknown; readonly isResourceRoot: boolean },
  ): Pieces<void> {
    const rules = this.#tools.rules;
    const validator = rules && (yield* rules.compileRuleValidator(schema, { isResourceRoot }));
    if (validator === undefined) return;
    const budget = this.#budget;
    const unchanged = yield* validator.validate(path, { value, oldValue: value, budget });
    appendAll(this.errors, unchanged.errors);
    this.#budget = unchanged.budget;
    if (unchanged.errors.length > 0) return;
    const created = yield* validator.validate(path, { value, oldValue: undefined, budget });
    appendAll(this.errors, created.errors);
    this.#budget = Math.min(unchanged.budget, created.budget);
  }

  #metaErrors(path: FieldPath, value: unknown, { surround, root }: Place): FieldError[] {
    const resource = surround(deepCopy(value)) as Record<string, unknown>;
    const { objectMeta } = this.#tools;
    const error =
      objectMeta.coerceResource(undefined, resource, STRICT) ??
      objectMeta.coerce(undefined, resource, root, STRICT);
    if (error !== undefined) {
      return [invalid(path, value, `must result in valid metadata: ${formatFieldError(error)}`)];
    }
    const errors = objectMeta.validate(undefined, resource, root);
    if (errors.length === 0) return [];
    return [invalid(path, value, `must result in valid metadata: ${aggregateFieldErrors(errors)}`)];
  }

  /** Reports an unpruned default and returns the errors of its embedded metadata. */
  #valueErrors(path: FieldPath, value: unknown, structural: Structural): FieldError[] {
    const pruned = deepCopy(value);
    pruneValue(pruned, structural);
    if (this.#requirePruned && !equalJSON(pruned, value)) {
      this.errors.push(invalid(path, value, 'must not have unknown fields'));
    }
    const coerced = deepCopy(value);
    const { objectMeta } = this.#tools;
    const error = objectMeta.coerce(path, coerced, structural, STRICT);
    return error === undefined ? objectMeta.validate(path, coerced, structural) : [error];
  }
}

/** Whether a default has fields that the schema doesn't specify. */
export function hasUnprunedDefaults(schema: JSONSchemaProps, tools: SchemaTools): boolean {
  if (!schemaHas(schema, (inner) => defaultOf(inner) !== undefined)) return false;
  const root = newStructural(schema);
  let unpruned = false;
  forEachDefault(
    root,
    (value) => value,
    (value, surround) => {
      const resource = surround(deepCopy(value));
      const before = deepCopy(resource);
      if (isJSONObject(resource))
        tools.objectMeta.coerce(undefined, resource, root, { dropInvalidFields: true });
      prune(resource, root);
      unpruned ||= !equalJSON(before, resource);
    },
  );
  return unpruned;
}

/** Calls back with each default and the function that embeds it. */
function forEachDefault(
  schema: Structural,
  surround: Surround,
  visit: (value: unknown, surround: Surround) => void,
): void {
  if (!schema.contains.defaults) return;
  if (schema.default !== undefined) visit(schema.default, surround);
  if (typeof schema.additionalProperties === 'object') {
    forEachDefault(schema.additionalProperties, (value) => surround({ '*': value }), visit);
  }
  if (schema.items !== undefined) forEachDefault(schema.items, (value) => surround([value]), visit);
  for (const [name, property] of schema.properties) {
    forEachDefault(property, (value) => surround({ [name]: value }), visit);
  }
}
