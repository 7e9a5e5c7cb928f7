/**
 * Reproduces what upstream's storage loses. Protobuf can't represent empty lists and maps, which become nil, and are
 * null in JSON if the field has no `omitempty`. Nil bytes become empty ones.
 */

import { type Pieces, shouldYield } from '../util/breathe.ts';
import { setOwn } from '../util/json.ts';
import type { FieldSchema, TypeSchema } from './type-schema.ts';

/** The changes below a value; null if there are none. */
type Rule =
  | { readonly kind: 'list'; readonly element: Rule }
  | { readonly kind: 'members'; readonly of: (name: string) => MemberRule | undefined }
  /** Nil bytes become empty. */
  | { readonly kind: 'bytes' }
  /** For recursive types. */
  | { readonly kind: 'late'; readonly rule: () => Rule | null };

interface MemberRule {
  readonly inner: Rule | null;
  /** The value that replaces an empty list or map; undefined removes the field. */
  readonly emptied?: { readonly to: null | undefined };
}

const compiled = new WeakMap<TypeSchema, Rule | null>();

/** A copy of `object` as read back from storage, or the object itself if nothing changes. */
export function* forgetEmpties<T extends object>(object: T, schema: TypeSchema): Pieces<T> {
  const rule = ruleOf(schema);
  return rule === null ? object : ((yield* forget(object, rule)) as T);
}

function ruleOf(schema: TypeSchema): Rule | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let made: Rule | null = null;
  compiled.set(schema, { kind: 'late', rule: () => made });
  made = compile(schema);
  compiled.set(schema, made);
  return made;
}

function compile(schema: TypeSchema): Rule | null {
  if (schema.kind === 'list') {
    const element = ruleOf(schema.element);
    return element && { kind: 'list', element };
  }
  if (schema.kind === 'map') {
    const { element } = schema;
    const isBytes = element.kind === 'scalar' && element.type === 'bytes';
    const inner: Rule | null = isBytes ? { kind: 'bytes' } : ruleOf(element);
    const member = { inner };
    return inner && { kind: 'members', of: () => member };
  }
  if (schema.kind !== 'struct') return null;
  const fields = new Map<string, MemberRule>();
  for (const field of schema.fields.values()) {
    const member = ofField(field);
    if (member !== undefined) fields.set(field.name, member);
  }
  return fields.size === 0 ? null : { kind: 'members', of: (name) => fields.get(name) };
}

function ofField({ schema, omitempty, keepsEmpty }: FieldSchema): MemberRule | undefined {
  const inner = ruleOf(schema);
  // Empty fields with `omitempty` are dropped on decoding.
  if ((schema.kind !== 'list' && schema.kind !== 'map') || (omitempty && keepsEmpty !== true)) {
    return inner === null ? undefined : { inner };
  }
  return { inner, emptied: { to: omitempty ? undefined : null } };
}

function isEmpty(value: unknown): boolean {
  if (!isDeep(value)) return false;
  for (const _ in value) return false;
  return true;
}

const isDeep = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The value as read back, or the same value if nothing changes. */
function* forget(value: object, given: Rule): Pieces<object> {
  const rule = given.kind === 'late' ? given.rule() : given;
  if (rule?.kind === 'list' && Array.isArray(value)) return yield* forgetElements(value, rule.element);
  if (rule?.kind !== 'members' || Array.isArray(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    if (shouldYield()) yield;
    const { inner = null, emptied } = rule.of(name) ?? {};
    let after: unknown = member;
    if (emptied !== undefined && isEmpty(member)) after = emptied.to;
    else if (inner?.kind === 'bytes') after = member ?? '';
    else if (inner !== null && isDeep(member)) after = yield* forget(member, inner);
    if (after === member) continue;
    copy ??= { ...value };
    if (after === undefined) delete copy[name];
    else setOwn(copy, name, after);
  }
  return copy ?? value;
}

function* forgetElements(list: readonly unknown[], rule: Rule): Pieces<object> {
  let copy: unknown[] | undefined;
  for (const [index, element] of list.entries()) {
    if (shouldYield()) yield;
    const after = isDeep(element) ? yield* forget(element, rule) : element;
    if (after === element) continue;
    copy ??= [...list];
    copy[index] = after;
  }
  return copy ?? list;
}
