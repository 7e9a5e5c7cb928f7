/**
 * Normalizes custom resources by their schemas, as decoding into Go structs does for built-in kinds (upstream's
 * `unstructuredSchemaCoercer` and `unstructuredDefaulter`, pkg/apiserver/customresource_handler.go).
 */

import { formatFieldError } from '../../meta/field-error.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { gvkOf } from '../../runtime/group-version.ts';
import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { pruneNonNullableNullsWithoutDefaults, setDefaults } from '../schema/defaulting.ts';
import type { ObjectMetaCoercer } from '../schema/object-meta.ts';
import { prune } from '../schema/pruning.ts';
import type { Structural } from '../schema/structural.ts';
import { UnknownFields } from '../schema/unknown-fields.ts';

export interface ResourceFormOptions {
  readonly group: string;
  readonly kind: string;
  /** Keyed by version; versions without a schema are missing. */
  readonly schemas: ReadonlyMap<string, Structural>;
  /** Disables pruning, which v1beta1 definitions can do. */
  readonly preserveUnknownFields: boolean;
  readonly objectMeta: ObjectMetaCoercer;
}

export class ResourceForm {
  readonly #options: ResourceFormOptions;

  constructor(options: ResourceFormOptions) {
    this.#options = options;
  }

  schema(version: string): Structural | undefined {
    return this.#options.schemas.get(version);
  }

  /** Whether an object is of the definition's kind, in any version. */
  has(object: { readonly apiVersion?: string | undefined; readonly kind?: string | undefined }): boolean {
    const { group, kind } = gvkOf(object);
    return group === this.#options.group && kind === this.#options.kind;
  }

  /**
   * Normalizes an object from a client in place: types metadata, and removes unknown fields and forbidden nulls. Adds
   * the paths of unknown fields to `unknown`. Throws `DecodingError` for invalid metadata.
   */
  *coerce(object: UnstructuredObject, unknown?: string[]): Pieces<void> {
    const { objectMeta } = this.#options;
    const options = { dropInvalidFields: false, unknown };
    yield* this.coerceMetadata(object, unknown);
    yield;
    if (!this.has(object)) return;
    const schema = this.schema(gvkOf(object).version);
    if (!this.#options.preserveUnknownFields) {
      const fields = unknown && new UnknownFields();
      prune(object, schema, fields);
      yield;
      if (unknown) appendAll(unknown, fields?.sorted() ?? []);
      pruneNonNullableNullsWithoutDefaults(object, schema);
    }
    const error = objectMeta.coerce(undefined, object, schema, options);
    if (error !== undefined) throw new DecodingError(formatFieldError(error), gvkOf(object));
  }

  /** Like `coerce`, but only for the object's own metadata. */
  *coerceMetadata(object: UnstructuredObject, unknown?: string[]): Pieces<void> {
    if (!Object.hasOwn(object, 'metadata')) return;
    const options = { dropInvalidFields: false, unknown };
    const decoded = yield* this.#options.objectMeta.decodeInPieces(object.metadata, options);
    if ('error' in decoded) throw new DecodingError(decoded.error, gvkOf(object));
    if (unknown)
      appendAll(
        unknown,
        decoded.unknown.map((field) => `metadata.${field}`),
      );
    object.metadata = decoded.metadata ?? {};
  }

  /** Removes fields unknown to the object's version, in place; keeps nulls. */
  pruneUnknown(object: UnstructuredObject): void {
    if (!this.#options.preserveUnknownFields) prune(object, this.schema(gvkOf(object).version));
  }

  /** Normalizes a stored or converted object in place, by its version. */
  prune(object: UnstructuredObject): void {
    const schema = this.schema(gvkOf(object).version);
    if (!this.#options.preserveUnknownFields) {
      prune(object, schema);
      pruneNonNullableNullsWithoutDefaults(object, schema);
    }
    this.#options.objectMeta.coerce(undefined, object, schema, { dropInvalidFields: true });
  }

  /** Applies the defaults of the object's version in place. */
  setDefaults(object: UnstructuredObject): void {
    setDefaults(object, this.schema(gvkOf(object).version));
  }
}
