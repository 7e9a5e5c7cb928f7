/**
 * Type and metadata of a resource and of resources embedded in it
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/apiserver/schema/objectmeta).
 */

import { type FieldError, invalid, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { isDNS1035Label, nameIsPathSegment } from '../../meta/validation/names.ts';
import { validateObjectMeta } from '../../meta/validation/object-meta.ts';
import { quote } from '../../runtime/go-format.ts';
import { parseGroupVersion } from '../../runtime/group-version.ts';
import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import { decodeJSONInPieces } from '../../runtime/serializer/json/decode-json.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { appendAll } from '../../util/append-all.ts';
import { atOnce, type Pieces } from '../../util/breathe.ts';
import { stringifyInPieces } from '../../util/exact-json.ts';
import { isJSONObject, setOwn, sortedKeys } from '../../util/json.ts';
import { sortDeep } from '../../util/sort-keys.ts';
import { childOf, keyOf } from './paths.ts';
import { fieldSchema, type Structural } from './structural.ts';

/** Metadata decoded as Go's ObjectMeta, or the error. */
export type DecodedObjectMeta =
  | { readonly metadata: ObjectMeta; readonly unknown: readonly string[] }
  | { readonly error: string };

/** Options for invalid metadata. */
export interface CoerceOptions {
  /** Whether to drop fields of the wrong type, for stored objects; otherwise they are errors. */
  readonly dropInvalidFields: boolean;
  /** Collects the paths of unknown metadata fields. */
  readonly unknown?: string[] | undefined;
}

export class ObjectMetaCoercer {
  readonly #schema: TypeSchema;

  /** `schema` is that of the built-in ObjectMeta. */
  constructor(schema: TypeSchema) {
    this.#schema = schema;
  }

  /** Decodes metadata as ObjectMeta and drops unknown fields. */
  decode(metadata: unknown, options: CoerceOptions): DecodedObjectMeta {
    return atOnce(this.decodeInPieces(metadata, options));
  }

  /** Like `decode`. */
  *decodeInPieces(
    metadata: unknown,
    { dropInvalidFields, unknown }: CoerceOptions,
  ): Pieces<DecodedObjectMeta> {
    const strict = unknown !== undefined;
    const whole = yield* this.#decode(metadata, { strict });
    if (!('error' in whole) || !dropInvalidFields) return whole;
    if (!isJSONObject(metadata)) return { error: 'invalid metadata: expected object' };
    const good: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(metadata)) {
      if (!('error' in (yield* this.#decode({ [key]: value })))) setOwn(good, key, value);
    }
    return yield* this.#decode(good, { strict });
  }

  *#decode(metadata: unknown, options?: { readonly strict: boolean }): Pieces<DecodedObjectMeta> {
    try {
      const text = yield* stringifyInPieces(metadata);
      const { value, strictErrors } = yield* decodeJSONInPieces(text, this.#schema, options);
      return { metadata: value as ObjectMeta, unknown: strictErrors.map(quotedPath) };
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error;
      return { error: error.message };
    }
  }

  /**
   * Coerces the type and metadata of resources embedded in `value`, in place. If `path` is undefined, the value is a
   * whole object.
   */
  coerce(
    path: FieldPath | undefined,
    value: unknown,
    schema: Structural | undefined,
    options: CoerceOptions,
  ): FieldError | undefined {
    if (schema === undefined || !schema.contains.embeddedResources) return undefined;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const error = this.coerce(path?.index(index), value[index], schema.items, options);
        if (error !== undefined) return error;
      }
    } else if (isJSONObject(value)) {
      const error = schema.embeddedResource ? this.coerceResource(path, value, options) : undefined;
      if (error !== undefined) return error;
      for (const key of sortedKeys(value)) {
        const at = schema.properties.has(key) ? childOf(path, key) : keyOf(path, key);
        const inner = this.coerce(at, value[key], fieldSchema(schema, key), options);
        if (inner !== undefined) return inner;
      }
    }
    return undefined;
  }

  /** Coerces the type and metadata of a single resource. */
  coerceResource(
    path: FieldPath | undefined,
    resource: Record<string, unknown>,
    options: CoerceOptions,
  ): FieldError | undefined {
    for (const key of ['apiVersion', 'kind']) {
      if (!Object.hasOwn(resource, key) || typeof resource[key] === 'string') continue;
      if (!options.dropInvalidFields) return invalid(childOf(path, key), resource[key], 'must be a string');
      delete resource[key];
    }
    if (!Object.hasOwn(resource, 'metadata')) return undefined;
    const at = childOf(path, 'metadata');
    const decoded = this.decode(resource['metadata'], options);
    if ('error' in decoded) {
      if (options.dropInvalidFields) return undefined;
      return invalid(at, atOnce(sortDeep(resource['metadata'])), decoded.error);
    }
    if (options.unknown)
      appendAll(
        options.unknown,
        decoded.unknown.map((field) => `${at}.${field}`),
      );
    resource['metadata'] = decoded.metadata;
    return undefined;
  }

  /** Validates the type and metadata of resources embedded in `value`. */
  validate(path: FieldPath | undefined, value: unknown, schema: Structural | undefined): FieldError[] {
    if (schema === undefined || !schema.contains.embeddedResources) return [];
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => this.validate(path?.index(index), item, schema.items));
    }
    if (!isJSONObject(value)) return [];
    return [
      ...(schema.embeddedResource ? this.validateResource(path, value) : []),
      ...sortedKeys(value).flatMap((key) => {
        const at = schema.properties.has(key) ? childOf(path, key) : keyOf(path, key);
        return this.validate(at, value[key], fieldSchema(schema, key));
      }),
    ];
  }

  /** Validates the type and metadata of a single resource. */
  validateResource(path: FieldPath | undefined, resource: Record<string, unknown>): FieldError[] {
    const errors: FieldError[] = [];
    for (const key of ['apiVersion', 'kind'] as const) {
      const at = childOf(path, key);
      const value = resource[key];
      if (!Object.hasOwn(resource, key)) errors.push(required(at, ''));
      else if (typeof value !== 'string') errors.push(invalid(at, value, 'must be a string'));
      else if (value === '') errors.push(invalid(at, value, 'must not be empty'));
      else appendAll(errors, TYPE_FIELD_RULES[key](at, value));
    }
    if (!Object.hasOwn(resource, 'metadata')) return errors;
    const at = childOf(path, 'metadata');
    const decoded = atOnce(this.#decode(resource['metadata']));
    if ('error' in decoded) return [...errors, invalid(at, resource['metadata'], decoded.error)];
    const metadata = { ...decoded.metadata, name: decoded.metadata.name || 'fakename' };
    const rules = { namespaced: Boolean(metadata.namespace), validateName: nameIsPathSegment };
    return errors.concat(validateObjectMeta(metadata, rules, at));
  }
}

const TYPE_FIELD_RULES: Readonly<
  Record<'apiVersion' | 'kind', (path: FieldPath, value: string) => FieldError[]>
> = {
  apiVersion: (path, value) =>
    parseGroupVersion(value) === undefined
      ? [invalid(path, value, `unexpected GroupVersion string: ${value}`)]
      : [],
  kind(path, value) {
    const errors = isDNS1035Label(value.toLowerCase());
    const detail = `may have mixed case, but should otherwise match: ${errors.join(',')}`;
    return errors.length > 0 ? [invalid(path, value, detail)] : [];
  },
};

/** The path in a strict decoding error: `unknown field "a.b"`. */
function quotedPath(strictError: string): string {
  const behind = strictError.slice(Math.max(strictError.indexOf('"'), 0));
  const quoted = /^"(?:[^"\\]|\\.)*"$/.exec(behind)?.[0] ?? quote(strictError);
  return JSON.parse(quoted) as string;
}
