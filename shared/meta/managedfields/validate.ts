/**
 * Validates an applied configuration against its schema
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/validate.go).
 */

import { formatFloat, formatSyntax, formatValue } from '../../runtime/go-format.ts';
import type { ListSchema, ScalarType, TypeSchema } from '../../runtime/type-schema.ts';
import { fieldElement, formatPath, type Path, type PathElement } from './path-element.ts';
import { fieldSchemaOf, isRecord, itemElement, TypedValueError } from './typed-value.ts';

const NUMERIC: ReadonlySet<ScalarType> = new Set<ScalarType>(['int32', 'int64', 'double']);
/** Other types, such as quantities and times, accept any scalar here; their own decoders validate them. */
const STRINGS: ReadonlySet<ScalarType> = new Set<ScalarType>(['string', 'bytes']);

/** Go's `%T` of a value that isn't a number. */
function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isRecord(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

export interface ValidateTypedOptions {
  /** Permits duplicate items in sets and in lists with keys. */
  readonly allowDuplicates?: boolean;
}

/** Throws a `TypedValueError` with the mismatches. */
export function validateTyped(
  value: unknown,
  schema: TypeSchema,
  { allowDuplicates = false }: ValidateTypedOptions = {},
): void {
  const validator = new Validator(allowDuplicates);
  validator.validate(value, schema, []);
  const { errors } = validator;
  if (errors.length === 1) throw new TypedValueError(errors[0]);
  if (errors.length > 1)
    throw new TypedValueError(['errors:', ...errors.map((text) => `  ${text}`)].join('\n'));
}

/** The format of a value in upstream's messages: `%v` of a pointer to it. */
const shown = (value: unknown): string => `&{${formatValue(value, formatFloat)}}`;

class Validator {
  readonly errors: string[] = [];
  readonly #allowDuplicates: boolean;

  constructor(allowDuplicates: boolean) {
    this.#allowDuplicates = allowDuplicates;
  }

  validate(value: unknown, schema: TypeSchema, path: Path): void {
    if (value === null || value === undefined) return;
    switch (schema.kind) {
      case 'scalar': {
        const problem = scalarProblem(value, schema.type);
        if (problem !== undefined) this.#report(path, problem);
        return;
      }
      case 'struct':
      case 'map':
        this.#map(value, schema, path);
        return;
      case 'list':
        this.#list(value, schema, path);
        return;
      case 'untyped':
    }
  }

  #report(path: Path, text: string): void {
    const at = formatPath(path);
    this.errors.push(at === '' ? text : `${at}: ${text}`);
  }

  /** Upstream stops at the first unknown field of a map. */
  #map(value: unknown, schema: TypeSchema, path: Path): void {
    if (!isRecord(value)) {
      this.#report(path, `expected map, got ${shown(value)}`);
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      const below = fieldSchemaOf(schema, key);
      const at = [...path, fieldElement(key)];
      if (below === undefined) {
        this.#report(at, 'field not declared in schema');
        return;
      }
      this.validate(member, below, at);
    }
  }

  #list(value: unknown, schema: ListSchema, path: Path): void {
    if (!Array.isArray(value)) {
      this.#report(path, `expected list, got ${shown(value)}`);
      return;
    }
    const seen = new Set<PathElement>();
    for (const [i, item] of value.entries()) {
      let element: PathElement = `i:${i}`;
      if (schema.listType !== 'atomic') {
        try {
          element = itemElement(schema, item);
        } catch (error) {
          this.#report(path, `element ${i}: ${(error as Error).message}`);
          return;
        }
        if (seen.has(element) && !this.#allowDuplicates) {
          this.#report(path, `duplicate entries for key ${formatPath([element])}`);
        }
        seen.add(element);
      }
      this.validate(item, schema.element, [...path, element]);
    }
  }
}

function scalarProblem(value: unknown, type: ScalarType): string | undefined {
  if (NUMERIC.has(type)) {
    if (typeof value === 'number' || typeof value === 'bigint') return undefined;
    return `expected numeric (int or float), got ${goTypeOf(value)}`;
  }
  if (STRINGS.has(type)) {
    if (typeof value === 'string') return undefined;
    return `expected string, got &value.valueUnstructured{Value:${formatSyntax(value)}}`;
  }
  if (type === 'boolean')
    return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`;
  return typeof value === 'object' ? `expected any scalar, got ${shown(value)}` : undefined;
}
