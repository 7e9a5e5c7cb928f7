import { aggregateFieldErrors } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { goTypeOf } from '../../meta/nested-field.ts';
import { validateAnnotations, validateLabels } from '../../meta/validation/object-meta.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { isJSONObject } from '../../util/json.ts';
import { equalJSON } from '../../util/json-equal.ts';

const VALIDATIONS = { labels: validateLabels, annotations: validateAnnotations };
/** The paths in upstream's messages. */
const PATHS = {
  labels: FieldPath.of('metadata', 'labels'),
  annotations: FieldPath.of('metadata', 'annotation'),
};

/**
 * Copies the metadata of `original` to `converted`, except labels and annotations. Throws Error if those are invalid.
 */
export async function restoreObjectMeta(
  original: UnstructuredObject,
  converted: UnstructuredObject,
): Promise<void> {
  const given: unknown = converted.metadata;
  if (given === undefined) throw new Error('missing metadata in converted object');
  if (!isJSONObject(given))
    throw new Error(`invalid metadata of type ${goTypeOf(given)} in converted object`);
  const metadata = await deepCopyInPieces(original.metadata);
  for (const field of ['labels', 'annotations'] as const) {
    const values: unknown = given[field];
    delete metadata[field];
    if (values === undefined || values === null) continue;
    if (!isJSONObject(values)) {
      throw new Error(`invalid metadata.${field} of type ${goTypeOf(values)} in converted object`);
    }
    for (const [key, value] of Object.entries(values)) {
      if (typeof value === 'string') continue;
      const why = `must be a string, but is ${goTypeOf(value)} in converted object`;
      throw new Error(`metadata.${field}[${key}] ${why}`);
    }
    const texts = values as Record<string, string>;
    if (!equalJSON(texts, original.metadata[field])) {
      const errors = VALIDATIONS[field](texts, PATHS[field]);
      if (errors.length > 0) throw new Error(aggregateFieldErrors(errors));
    }
    metadata[field] = texts;
  }
  converted.metadata = metadata;
}
