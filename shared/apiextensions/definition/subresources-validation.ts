import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
} from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';

function validateSimpleJSONPath(path: FieldPath, text: string): FieldError[] {
  return text.startsWith('.') ? [] : [invalid(path, text, 'must be a simple json path starting with .')];
}

interface PathRule {
  readonly prefixes: readonly string[];
  readonly detail: string;
}

function validateReplicasPath(path: FieldPath, text: string, { prefixes, detail }: PathRule): FieldError[] {
  const errors = validateSimpleJSONPath(path, text);
  if (errors.length > 0 || prefixes.some((prefix) => text.startsWith(prefix))) return errors;
  return [invalid(path, text, detail)];
}

const SPEC: PathRule = { prefixes: ['.spec.'], detail: 'should be a json path under .spec' };
const STATUS: PathRule = { prefixes: ['.status.'], detail: 'should be a json path under .status' };
const EITHER: PathRule = {
  prefixes: ['.spec.', '.status.'],
  detail: 'should be a json path under either .spec or .status',
};

export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  path: FieldPath,
): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const errors: FieldError[] = [];
  for (const [name, rule] of [
    ['specReplicasPath', SPEC],
    ['statusReplicasPath', STATUS],
  ] as const) {
    const at = path.child(`scale.${name}`);
    if (!scale[name]) errors.push(required(at, ''));
    else appendAll(errors, validateReplicasPath(at, scale[name], rule));
  }
  const { labelSelectorPath } = scale;
  if (!labelSelectorPath) return errors;
  return errors.concat(
    validateReplicasPath(path.child('scale.labelSelectorPath'), labelSelectorPath, EITHER),
  );
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function validateColumn(column: CustomResourceColumnDefinition, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { name, type, format, jsonPath } = column;
  if (!name) errors.push(required(path.child('name'), ''));
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!type) errors.push(required(path.child('type'), types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(path.child('type'), type, types));
  if (format && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(path.child('format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  }
  const at = path.child('JSONPath');
  if (!jsonPath) errors.push(required(at, ''));
  else appendAll(errors, validateSimpleJSONPath(at, jsonPath));
  return errors;
}
