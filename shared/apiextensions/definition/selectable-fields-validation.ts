import type { JSONSchemaProps, SelectableField } from '../../apis/apiextensions/v1/types.ts';
import { duplicate, type FieldError, invalid, required, tooMany } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { resolveFieldPath, type ValidFieldPath } from '../schema/valid-field-path.ts';
import { MAX_SELECTABLE_FIELDS } from './definition-options.ts';

const SELECTABLE_TYPES = ['string', 'boolean', 'integer'];

/** `allowTooMany` permits more fields than the limit, because the existing definition has them. */
export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  path: FieldPath,
  { allowTooMany }: { readonly allowTooMany: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const unique = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = path.index(index).child('jsonPath');
    if (!jsonPath) {
      errors.push(required(at, ''));
      continue;
    }
    let resolved: ValidFieldPath;
    try {
      resolved = resolveFieldPath(jsonPath, schema, { allowArrayNotation: false });
    } catch (error) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${(error as Error).message}`));
      continue;
    }
    if (resolved.root === 'metadata') {
      errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    }
    if (!SELECTABLE_TYPES.includes(resolved.schema?.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(at, jsonPath, detail));
    }
    const normalized = String(resolved.path);
    if (unique.has(normalized)) errors.push(duplicate(at, jsonPath));
    unique.add(normalized);
  }
  if (unique.size > MAX_SELECTABLE_FIELDS && !allowTooMany) {
    errors.push(tooMany(path, unique.size, MAX_SELECTABLE_FIELDS));
  }
  return errors;
}
