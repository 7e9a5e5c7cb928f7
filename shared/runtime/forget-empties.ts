/**
 * What a trip through storage forgets. Upstream stores protobuf, which knows no empty lists and maps: they come back
 * as nil ones, which JSON writes as null where the field has no `omitempty`. Nil bytes come back as empty ones.
 */

import type { FieldSchema, TypeSchema } from './type-schema.ts';

/** The value as it comes back; the same one where nothing changes. Undefined: it is gone. */
type Forget = (value: unknown) => unknown;

/** By schema; null where nothing could change. A type within itself finds what will be its own. */
const compiled = new WeakMap<TypeSchema, Forget | null>();

/** A copy of `object` as it comes back from storage, or itself where nothing changes. */
export function forgetEmpties<T extends object>(object: T, schema: TypeSchema): T {
  return (forgetOf(schema)?.(object) ?? object) as T;
}

function forgetOf(schema: TypeSchema): Forget | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let made: Forget | null = null;
  compiled.set(schema, (value) => (made === null ? value : made(value)));
  made = compile(schema);
  compiled.set(schema, made);
  return made;
}

function compile(schema: TypeSchema): Forget | null {
  if (schema.kind === 'list') return overList(forgetOf(schema.element));
  if (schema.kind === 'map') {
    const { element } = schema;
    return element.kind === 'scalar' && element.type === 'bytes'
      ? overMembers(() => (value) => value ?? '')
      : overMap(forgetOf(element));
  }
  if (schema.kind !== 'struct') return null;
  const fields = new Map<string, Forget>();
  for (const field of schema.fields.values()) {
    const forget = ofField(field);
    if (forget !== null) fields.set(field.name, forget);
  }
  return fields.size === 0 ? null : overMembers((name) => fields.get(name));
}

function ofField({ schema, omitempty, keepsEmpty }: FieldSchema): Forget | null {
  const inner = forgetOf(schema);
  // Those with `omitempty` were left out when they were decoded.
  if ((schema.kind !== 'list' && schema.kind !== 'map') || (omitempty && keepsEmpty !== true)) return inner;
  const gone = omitempty ? undefined : null;
  return (value) => (isEmpty(value) ? gone : inner === null ? value : inner(value));
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const overMap = (forget: Forget | null): Forget | null => forget && overMembers(() => forget);

function overList(forget: Forget | null): Forget | null {
  if (forget === null) return null;
  return (value) => {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | undefined;
    for (const [index, element] of value.entries()) {
      const kept = forget(element);
      if (kept === element) continue;
      copy ??= [...value];
      copy[index] = kept;
    }
    return copy ?? value;
  };
}

function overMembers(forgetFor: (name: string) => Forget | undefined): Forget {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).map(([name, member]): [string, unknown, boolean] => {
      const forget = forgetFor(name);
      const after = forget === undefined ? member : forget(member);
      return [name, after, after === member];
    });
    if (kept.every(([, , same]) => same)) return value;
    return Object.fromEntries(kept.filter(([, member]) => member !== undefined));
  };
}
