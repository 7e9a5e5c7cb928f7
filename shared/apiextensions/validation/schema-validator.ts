/**
 * Validates values against an OpenAPI schema, with upstream's messages
 * (https://github.com/kubernetes/kube-openapi/tree/master/pkg/validation/validate).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { quote } from '../../runtime/go-format.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, sortedKeys } from '../../util/json.ts';
import type { RegexpFactory } from '../../util/regexp.ts';
import { additionalPropertiesOf, itemsOf, propertiesOf } from '../schema/json-schema-props.ts';
import { repeatedItems } from '../schema/repeated-items.ts';
import type { CorrelatedObject } from './correlated-object.ts';
import { EnumValidator } from './enum-validation.ts';
import { isRecognizedFormat } from './formats/formats.ts';
import {
  isInt64,
  isNearInteger,
  type NumberLimits,
  numberLimits,
  validateNumber,
} from './number-validation.ts';
import { type StringLimits, stringLimits, validateString } from './string-validation.ts';
import { tryAlternatives } from './try-alternatives.ts';
import { toFieldErrors, ValidationResult } from './validation-result.ts';

/** A value during the traversal. */
interface Visit {
  readonly path: string;
  readonly result: ValidationResult;
  /** The old value, if existing errors are tolerated. */
  readonly correlation?: CorrelatedObject | undefined;
}

type Junctor = 'allOf' | 'anyOf' | 'oneOf';

const NONE: readonly never[] = [];
const INT_OR_STRING: readonly string[] = ['integer', 'string'];

/** One shared list per type. */
const TYPES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ['array', 'boolean', 'integer', 'number', 'object', 'string'].map((type) => [type, [type]]),
);

function typesOf(type: string | undefined): readonly string[] {
  if (!type) return NONE;
  return Object.hasOwn(TYPES, type) ? TYPES[type]! : [type];
}

/** A schema compiled for validation; keywords that it doesn't use cost nothing. */
export class SchemaValidator {
  readonly #types: readonly string[];
  readonly #nullable: boolean;
  readonly #format: string;
  readonly #enum: EnumValidator | undefined;
  readonly #junctors: Readonly<Record<Junctor, readonly SchemaValidator[]>> | undefined;
  readonly #not: SchemaValidator | undefined;
  readonly #string: StringLimits;
  readonly #number: NumberLimits;
  readonly #items: SchemaValidator | undefined;
  readonly #maxItems: number | undefined;
  readonly #minItems: number | undefined;
  readonly #uniqueItems: boolean;
  readonly #properties: ReadonlyMap<string, SchemaValidator>;
  readonly #additionalProperties: SchemaValidator | boolean | undefined;
  readonly #maxProperties: number | undefined;
  readonly #minProperties: number | undefined;
  readonly #required: readonly string[];

  /** Compiles a shared schema object once; `known` is passed down from the outermost validator. */
  constructor(
    schema: JSONSchemaProps,
    regexp: RegexpFactory,
    known = new Map<JSONSchemaProps, SchemaValidator>(),
  ) {
    known.set(schema, this);
    const compile = (inner: JSONSchemaProps): SchemaValidator =>
      known.get(inner) ?? new SchemaValidator(inner, regexp, known);
    const intOrString = schema['x-kubernetes-int-or-string'] === true;
    this.#types = intOrString ? INT_OR_STRING : typesOf(schema.type);
    this.#nullable = schema.nullable ?? false;
    const recognized = isRecognizedFormat(intOrString ? { ...schema, type: '' } : schema);
    this.#format = recognized ? schema.format! : '';
    this.#enum = schema.enum && schema.enum.length > 0 ? new EnumValidator(schema.enum) : undefined;
    const { allOf, anyOf, oneOf } = schema;
    this.#junctors =
      allOf || anyOf || oneOf
        ? {
            allOf: (allOf ?? []).map(compile),
            anyOf: (anyOf ?? []).map(compile),
            oneOf: (oneOf ?? []).map(compile),
          }
        : undefined;
    this.#not = schema.not && compile(schema.not);
    this.#string = stringLimits(schema, this.#format, regexp);
    this.#number = numberLimits(schema, this.#types, this.#format);
    const items = itemsOf(schema);
    this.#items = items && compile(items);
    this.#maxItems = schema.maxItems;
    this.#minItems = schema.minItems;
    this.#uniqueItems = schema.uniqueItems ?? false;
    const named = propertiesOf(schema).map(([name, property]) => [name, compile(property)] as const);
    this.#properties = named.length === 0 ? NO_PROPERTIES : new Map(named);
    const additional = additionalPropertiesOf(schema);
    this.#additionalProperties = typeof additional === 'object' ? compile(additional) : additional;
    this.#maxProperties = schema.maxProperties;
    this.#minProperties = schema.minProperties;
    this.#required = schema.required ?? NONE;
  }

  /** Validates a whole object (if `path` is undefined) or a field of it. */
  *validate(path: FieldPath | undefined, value: unknown): Pieces<FieldError[]> {
    const result = new ValidationResult();
    yield* this.#validate(value, { path: '', result });
    return yield* toFieldErrors(path, result.errors);
  }

  /**
   * Like `validate`, but tolerates errors in values that the update leaves unchanged. If `correlation` is undefined,
   * none are tolerated.
   */
  *validateUpdate(
    path: FieldPath | undefined,
    value: unknown,
    correlation: CorrelatedObject | undefined,
  ): Pieces<FieldError[]> {
    const result = new ValidationResult();
    yield* this.#validate(value, { path: '', result, correlation });
    if (result.valid || correlation?.unchanged()) return [];
    return yield* toFieldErrors(path, result.errors);
  }

  /** Undefined if validation is complete, as for a scalar without alternatives. */
  #begin(value: unknown, visit: Visit): Pieces<void> | undefined {
    const isPlain = typeof value !== 'object' && this.#junctors === undefined && this.#not === undefined;
    if (!isPlain) return this.#validate(value, visit);
    this.#validateScalar(value, visit);
    return undefined;
  }

  #validateScalar(value: unknown, visit: Visit): void {
    if (!this.#validateHead(value, visit)) return;
    this.#validateText(value, visit);
    this.#validateEnum(value, visit);
    visit.result.matchCount += 2;
  }

  *#validate(value: unknown, visit: Visit): Pieces<void> {
    const { result } = visit;
    if (!this.#validateHead(value, visit)) return;
    yield* this.#validateJunctors(value, visit);
    this.#validateText(value, visit);
    if (Array.isArray(value)) yield* this.#validateList(value, visit);
    this.#validateEnum(value, visit);
    result.matchCount++;
    if (isJSONObject(value)) yield* this.#validateObject(value, visit);
    result.matchCount++;
  }

  /** Validates the type. Returns false if nothing else needs to be validated. */
  #validateHead(value: unknown, visit: Visit): boolean {
    const { result } = visit;
    result.budget.spend();
    if (value === null || value === undefined) {
      if (this.#types.length > 0 && !this.#nullable) this.#typeError(visit, 'null');
      else result.matchCount++;
      this.#validateEnum(null, visit);
      return false;
    }
    if (this.#types.length > 0 || this.#format !== '') {
      if (this.#validateType(value, visit)) result.matchCount++;
      result.matchCount++;
    }
    return true;
  }

  #validateText(value: unknown, visit: Visit): void {
    const { result } = visit;
    result.matchCount += 2;
    if (typeof value === 'string') {
      if (this.#string.pattern !== undefined) result.budget.spendOnPattern(value);
      validateString({ path: visit.path, value, limits: this.#string, result });
    } else if (typeof value === 'number' || typeof value === 'bigint') {
      validateNumber({ path: visit.path, value, limits: this.#number, result });
      result.matchCount += 2;
    }
  }

  #typeError({ path, result }: Visit, actual: string): void {
    const message = `${path} in body must be of type ${this.#types.join(',')}: ${quote(actual)}`;
    result.add({ kind: 'type', name: path, value: actual, message });
  }

  #validateType(value: unknown, visit: Visit): boolean {
    const types = this.#types;
    const { type, format } = typeOf(value);
    const integerAsNumber = type === 'integer' && types.includes('number');
    const wholeNumber = type === 'number' && types.includes('integer') && isNearInteger(Number(value));
    const fits = types.includes(type) || integerAsNumber || wholeNumber;
    const isText = type === 'string' || type === 'array';
    if (this.#format !== '' && !isText && !fits && format !== this.#format) {
      const { path, result } = visit;
      const message = `${path} in body must be of type ${this.#format}: ${quote(format)}`;
      result.add({ kind: 'type', name: path, value: format, message });
      return false;
    }
    if (this.#format !== '' && isText && !types.includes('number') && !types.includes('integer')) return true;
    if (fits) return true;
    this.#typeError(visit, type);
    return false;
  }

  #validateEnum(value: unknown, { path, result }: Visit): void {
    const error = this.#enum?.check(path, value);
    if (error !== undefined) result.add(error);
  }

  *#validateList(value: readonly unknown[], visit: Visit): Pieces<void> {
    const { path, result } = visit;
    const { length } = value;
    const items = this.#items;
    if (items !== undefined) {
      for (let index = 0; index < length; index++) {
        const correlation = visit.correlation?.index(index);
        const child = { path: `${path}[${index}]`, result, correlation };
        yield* items.#validateChild(value[index], child);
      }
    }
    if (this.#minItems !== undefined && length < this.#minItems) {
      const message = `${path} in body should have at least ${this.#minItems} items`;
      result.add({ kind: 'invalid', name: path, value: length, message });
    }
    if (this.#maxItems !== undefined && length > this.#maxItems) {
      const message = `${path} in body should have at most ${this.#maxItems} items`;
      result.add({ kind: 'too-many', name: path, value: length, limit: this.#maxItems, message });
    }
    if (this.#uniqueItems && (yield* repeatedItems(value)).length > 0) {
      result.add({ kind: 'invalid', name: path, message: `${path} in body shouldn't contain duplicates` });
    }
    result.matchCount += 2;
  }

  *#validateObject(value: Record<string, unknown>, visit: Visit): Pieces<void> {
    const { path, result } = visit;
    const keys = Object.keys(value);
    const additional = this.#additionalProperties;
    if (this.#minProperties !== undefined && keys.length < this.#minProperties) {
      const message = `${path} in body should have at least ${this.#minProperties} properties`;
      result.add({ kind: 'invalid', name: path, value: keys.length, message });
    }
    if (this.#maxProperties !== undefined && keys.length > this.#maxProperties) {
      const message = `${path} in body should have at most ${this.#maxProperties} properties`;
      result.add({ kind: 'too-many', name: path, value: keys.length, limit: this.#maxProperties, message });
    }
    for (const key of sortedKeys(value)) {
      const property = this.#properties.get(key);
      if (property !== undefined) {
        // Both objects of an update are in the same version, so their type fields don't reflect what was stored.
        const isTypeMeta = path === '' && (key === 'apiVersion' || key === 'kind');
        const correlation = isTypeMeta ? undefined : visit.correlation?.key(key);
        const at = path === '' ? key : `${path}.${key}`;
        yield* property.#validateChild(value[key], { path: at, result, correlation });
      } else if (typeof additional === 'object') {
        const correlation = visit.correlation?.key(key);
        yield* additional.#validateChild(value[key], { path: `${path}.${key}`, result, correlation });
      } else if (additional === false) {
        const message = `${path}.${key} in body is a forbidden property`;
        result.add({ kind: 'invalid', name: path, value: key, message });
      }
    }
    for (const name of this.#required) {
      if (Object.hasOwn(value, name)) continue;
      const at = `${path}.${name}`;
      result.add({ kind: 'required', name: at, message: `${at} in body is required` });
    }
    result.matchCount++;
  }

  /** Drops errors inside an unchanged value. */
  *#validateChild(value: unknown, visit: Visit): Pieces<void> {
    const { errors } = visit.result;
    const before = errors.length;
    const rest = this.#begin(value, visit);
    if (rest !== undefined) yield* rest;
    if (errors.length > before && visit.correlation?.unchanged()) visit.result.keep(before);
    if (shouldYield()) yield;
  }

  /** Validates against an alternative. Like upstream, tolerates no existing errors there. */
  *#try(value: unknown, { path, result: { budget } }: Visit): Pieces<ValidationResult> {
    const result = new ValidationResult(budget);
    const rest = this.#begin(value, { path, result });
    if (rest !== undefined) yield* rest;
    if (shouldYield()) yield;
    return result;
  }

  *#validateJunctors(value: unknown, visit: Visit): Pieces<void> {
    const { path, result } = visit;
    if (this.#junctors !== undefined) yield* this.#validateAlternatives(this.#junctors, value, visit);
    const refused = this.#not === undefined ? undefined : yield* this.#not.#try(value, visit);
    if (refused?.valid) {
      result.add({ kind: 'plain', message: `${quote(path)} must not validate the schema (not)` });
    }
  }

  *#validateAlternatives(
    { allOf, anyOf, oneOf }: Readonly<Record<Junctor, readonly SchemaValidator[]>>,
    value: unknown,
    visit: Visit,
  ): Pieces<void> {
    const { path, result } = visit;
    const add = (message: string): void =>
      result.add({ kind: 'plain', message: `${quote(path)} ${message}` });
    const run = (schema: SchemaValidator) => schema.#try(value, visit);
    if (anyOf.length > 0) {
      const { passed, best } = yield* tryAlternatives(anyOf, run, 'anyOf');
      if (passed === 0) add('must validate at least one schema (anyOf)');
      if (best !== undefined) result.merge(best);
    }
    if (oneOf.length > 0) {
      const { passed, best } = yield* tryAlternatives(oneOf, run, 'oneOf');
      if (passed === 0) add('must validate one and only one schema (oneOf). Found none valid');
      else if (passed > 1)
        add(`must validate one and only one schema (oneOf). Found ${passed} valid alternatives`);
      if (best !== undefined && passed <= 1) result.merge(best);
    }
    if (allOf.length > 0) {
      let passed = 0;
      const results: ValidationResult[] = [];
      for (const schema of allOf) results.push(yield* run(schema));
      for (const one of results) {
        result.merge(one);
        if (one.valid) passed++;
      }
      if (passed === 0) add('must validate all the schemas (allOf). None validated');
      else if (passed < allOf.length) add('must validate all the schemas (allOf)');
    }
  }
}

const NO_PROPERTIES: ReadonlyMap<string, SchemaValidator> = new Map();

/** OpenAPI type and format of a JSON value, as decoded in Go. */
function typeOf(value: unknown): { type: string; format: string } {
  switch (typeof value) {
    case 'string':
      return { type: 'string', format: '' };
    case 'boolean':
      return { type: 'boolean', format: '' };
    case 'number':
    case 'bigint':
      return isInt64(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' };
    default:
      return { type: Array.isArray(value) ? 'array' : 'object', format: '' };
  }
}
