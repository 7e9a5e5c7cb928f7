/**
 * What decoding into Go's structs does for built-in kinds, done for custom resources by their schemas
 * (upstream's `unstructuredSchemaCoercer` and `unstructuredDefaulter`, pkg/apiserver/customresource_handler.go).
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
  /** By version; versions without a schema have none. */
  readonly schemas: ReadonlyMap<string, Structural>;
  /** As v1beta1 definitions can have it: nothing is pruned. */
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

  /** Whether an object is one of the definition's, in whatever version. */
  has(object: { readonly apiVersion?: string | undefined; readonly kind?: string | undefined }): boolean {
    const { group, kind } = gvkOf(object);
    return group === this.#options.group && kind === this.#options.kind;
  }

  /**
   * Brings what a client sent to its form, in place: metadata typed, unknown fields and forbidden nulls gone. Paths of
   * unknown fields are added to `unknown`. Throws `DecodingError` for metadata that is none.
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

  /** As `coerce`, of nothing but the object's own metadata. */
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

  /** Takes away what the object's version doesn't know, in place; nulls stay. */
  pruneUnknown(object: UnstructuredObject): void {
    if (!this.#options.preserveUnknownFields) prune(object, this.schema(gvkOf(object).version));
  }

  /** Brings what is stored, or what a conversion made, to the form of its version, in place. */
  prune(object: UnstructuredObject): void {
    const schema = this.schema(gvkOf(object).version);
    if (!this.#options.preserveUnknownFields) {
      prune(object, schema);
      pruneNonNullableNullsWithoutDefaults(object, schema);
    }
    this.#options.objectMeta.coerce(undefined, object, schema, { dropInvalidFields: true });
  }

  /** Fills in the defaults of the object's version, in place. */
  setDefaults(object: UnstructuredObject): void {
    setDefaults(object, this.schema(gvkOf(object).version));
  }
}
