import type { ScalarType, TypeSchema } from '../../runtime/type-schema.ts';
import { isJSONObject } from '../../util/json.ts';

/** Go's kind of a JSON value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'int64' : 'float64';
}

const GO_SCALARS: Partial<Record<ScalarType, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
};

function scalarMismatch(value: unknown, type: ScalarType): string | undefined {
  const target = GO_SCALARS[type];
  const found = kindOf(value);
  if (type === 'bytes') return found === 'string' ? undefined : `cannot restore slice from ${found}`;
  // Other types have decoders of their own, which report errors themselves.
  if (target === undefined || found === target) return undefined;
  const isNumber = target !== 'string' && target !== 'bool';
  if (found === 'int64') {
    if (isNumber) return undefined;
    return target === 'string' ? 'cannot convert int64 to string' : 'unrecognized type: bool';
  }
  if (found === 'float64' && isNumber) return `cannot convert float64 to ${target}`;
  return `unrecognized type: ${target}`;
}

/**
 * Go's error when it can't convert maps to structs: the first value whose kind differs from its schema's
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/converter.go). Undefined if there is none.
 */
export function unstructuredMismatch(value: unknown, schema: TypeSchema): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (schema.kind) {
    case 'scalar':
      return scalarMismatch(value, schema.type);
    case 'untyped':
      return undefined;
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`;
      return first(value, (element) => unstructuredMismatch(element, schema.element));
    case 'map':
      if (!isJSONObject(value)) return `cannot restore map from ${kindOf(value)}`;
      return first(Object.values(value), (element) => unstructuredMismatch(element, schema.element));
    case 'struct':
      if (!isJSONObject(value)) return `cannot restore struct from: ${kindOf(value)}`;
      return first(schema.fields.values(), (field) =>
        Object.hasOwn(value, field.name) ? unstructuredMismatch(value[field.name], field.schema) : undefined,
      );
  }
}

function first<T>(elements: Iterable<T>, check: (element: T) => string | undefined): string | undefined {
  for (const element of elements) {
    const mismatch = check(element);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}
