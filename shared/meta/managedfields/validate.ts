/**
 * Whether an applied configuration fits its schema
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/validate.go).
 */

import type { ListSchema, ScalarType, TypeSchema } from '../../runtime/type-schema.ts';
import { fieldElement, formatPath, type Path, type PathElement } from './path-element.ts';
import { asList, asRecord, fieldSchemaOf, isRecord, itemElement, TypedValueError } from './typed-value.ts';

const NUMERIC: ReadonlySet<ScalarType> = new Set<ScalarType>(['int32', 'int64', 'double']);
/** Quantities, times and their like take any scalar here: their own decoding judges them. */
const STRINGS: ReadonlySet<ScalarType> = new Set<ScalarType>(['string', 'bytes']);

/** Go's name of a decoded value's type, the `%T` verb. */
function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isRecord(value)) return 'map[string]interface {}';
  return (
    { string: 'string', boolean: 'bool', number: 'float64', bigint: 'int64' }[typeof value as string] ?? 'nil'
  );
}

/** Throws `TypedValueError` that tells of everything that doesn't fit. */
export function validateTyped(value: unknown, schema: TypeSchema): void {
  const errors: string[] = [];
  walk(value, schema, [], errors);
  if (errors.length === 1) throw new TypedValueError(errors[0]);
  if (errors.length > 1)
    throw new TypedValueError(['errors:', ...errors.map((text) => `  ${text}`)].join('\n'));
}

function report(errors: string[], path: Path, text: string): void {
  const at = formatPath(path);
  errors.push(at === '' ? text : `${at}: ${text}`);
}

function walk(value: unknown, schema: TypeSchema, path: Path, errors: string[]): void {
  if (value === null || value === undefined) return;
  switch (schema.kind) {
    case 'scalar':
      validateScalar(value, schema.type, path, errors);
      return;
    case 'struct':
    case 'map':
      validateMap(value, schema, path, errors);
      return;
    case 'list':
      validateList(value, schema, path, errors);
      return;
    case 'untyped':
  }
}

function validateScalar(value: unknown, type: ScalarType, path: Path, errors: string[]): void {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (NUMERIC.has(type)) {
    if (!isNumber) report(errors, path, `expected numeric (int or float), got ${goTypeOf(value)}`);
  } else if (STRINGS.has(type)) {
    if (typeof value !== 'string') report(errors, path, `expected string, got ${goTypeOf(value)}`);
  } else if (type === 'boolean') {
    if (typeof value !== 'boolean') report(errors, path, `expected boolean, got ${goTypeOf(value)}`);
  } else if (typeof value === 'object') report(errors, path, `expected any scalar, got ${goTypeOf(value)}`);
}

function validateMap(value: unknown, schema: TypeSchema, path: Path, errors: string[]): void {
  if (!isRecord(value)) {
    report(errors, path, `expected map, got ${goTypeOf(value)}`);
    return;
  }
  for (const [key, member] of Object.entries(asRecord(value))) {
    const below = fieldSchemaOf(schema, key);
    const at = [...path, fieldElement(key)];
    if (below === undefined) report(errors, at, 'field not declared in schema');
    else walk(member, below, at, errors);
  }
}

function validateList(value: unknown, schema: ListSchema, path: Path, errors: string[]): void {
  if (!Array.isArray(value)) {
    report(errors, path, `expected list, got ${goTypeOf(value)}`);
    return;
  }
  const seen = new Set<PathElement>();
  for (const [i, item] of asList(value).entries()) {
    let element: PathElement = `i:${i}`;
    if (schema.listType !== 'atomic') {
      try {
        element = itemElement(schema, item);
      } catch (error) {
        report(errors, path, `element ${i}: ${(error as Error).message}`);
        return;
      }
      if (seen.has(element)) report(errors, path, `duplicate entries for key ${formatPath([element])}`);
      seen.add(element);
    }
    walk(item, schema.element, [...path, element], errors);
  }
}
