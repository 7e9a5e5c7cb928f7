/**
 * Applies defaults: constant values per type come from tables, others from a function of each kind (upstream's
 * generated `SetObjectDefaults_*`).
 */

import { deepCopy } from '../util/deep-copy.ts';
import { isJSONObject } from '../util/json.ts';
import { gvkOf } from './group-version.ts';
import type { DefaultingFunction, RuntimeObject, Scheme } from './scheme.ts';
import type { TextTables } from './text-tables.ts';
import type { FieldSchema, StructSchema, TypeSchema } from './type-schema.ts';

/** Default values by field name. */
export type FieldDefaults = Readonly<Record<string, unknown>>;

/** Applies defaults to a value and everything below; undefined if there are none. */
type ApplyDefaults = (value: unknown) => void;

/** A default of a field, applied where Go sees nil, or the zero value of a field that isn't a pointer. */
interface FieldDefault {
  readonly name: string;
  readonly pointer: boolean;
  readonly value: unknown;
}

export interface ObjectDefaulter {
  /** Applies the defaults of the version that the object names. */
  applyDefaults(object: RuntimeObject): void;
}

export class Defaulter implements ObjectDefaulter {
  readonly #scheme: Scheme;
  readonly #tables: TextTables<FieldDefaults>;
  readonly #compiled = new Map<string, ApplyDefaults | undefined>();

  /** `tables` has static defaults by definition. */
  constructor(scheme: Scheme, tables: TextTables<FieldDefaults>) {
    this.#scheme = scheme;
    this.#tables = tables;
  }

  /** Applies the defaults of the version that the object names, which must be in the scheme. */
  applyDefaults(object: RuntimeObject): void {
    const type = this.#scheme.knownType(gvkOf(object));
    this.#compile(this.#scheme.tables.schema(type.definition))?.(object);
    type.defaults?.(object as never);
  }

  #compile(schema: TypeSchema): ApplyDefaults | undefined {
    switch (schema.kind) {
      case 'struct':
        return this.#compileStruct(schema);
      case 'list':
        return forEach(this.#compile(schema.element), (value) => (Array.isArray(value) ? value : []));
      case 'map':
        return forEach(this.#compile(schema.element), (value) =>
          isJSONObject(value) ? Object.values(value) : [],
        );
      default:
        return undefined;
    }
  }

  #compileStruct(schema: StructSchema): ApplyDefaults | undefined {
    if (this.#compiled.has(schema.name)) return this.#compiled.get(schema.name);
    // For recursive types: refers to the function that is being compiled.
    let apply: ApplyDefaults | undefined;
    this.#compiled.set(schema.name, (value) => apply?.(value));
    const own = this.#ownDefaults(schema);
    const children = [...schema.fields.values()].flatMap((field) => {
      const child = this.#compile(field.schema);
      return child === undefined ? [] : [{ name: field.name, apply: child }];
    });
    const typeDefaults = this.#scheme.typeDefaults(schema.name);
    if (own.length > 0 || children.length > 0 || typeDefaults !== undefined) {
      apply = (value) => applyStruct(value, { own, typeDefaults, children });
    }
    this.#compiled.set(schema.name, apply);
    return apply;
  }

  #ownDefaults(schema: StructSchema): FieldDefault[] {
    const defaults = this.#tables.entry(schema.name) ?? {};
    return Object.entries(defaults).map(([name, value]) => {
      const field: FieldSchema | undefined = schema.fields.get(name);
      if (field === undefined) throw new Error(`${schema.name} has no field ${name}`);
      return { name, pointer: field.pointer, value };
    });
  }
}

function forEach(
  apply: ApplyDefaults | undefined,
  elements: (value: unknown) => Iterable<unknown>,
): ApplyDefaults | undefined {
  if (apply === undefined) return undefined;
  return (value) => {
    for (const element of elements(value)) apply(element);
  };
}

interface StructDefaults {
  readonly own: readonly FieldDefault[];
  readonly typeDefaults: DefaultingFunction | undefined;
  readonly children: readonly { readonly name: string; readonly apply: ApplyDefaults }[];
}

function applyStruct(value: unknown, { own, typeDefaults, children }: StructDefaults): void {
  if (!isJSONObject(value)) return;
  const struct: Record<string, unknown> = value;
  for (const field of own) {
    const current = struct[field.name];
    if (current === undefined || current === null || (!field.pointer && isZero(current))) {
      struct[field.name] = deepCopy(field.value);
    }
  }
  for (const child of children) {
    const current = struct[child.name];
    if (current !== undefined && current !== null) child.apply(current);
  }
  typeDefaults?.(struct as never);
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}
