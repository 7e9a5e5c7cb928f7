/**
 * Adapts a set of fields to a schema in which a list or map has become atomic since the set was written: the owner of
 * parts becomes the owner of the whole
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/reconcile_schema.go).
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { FieldSet } from './field-set.ts';
import type { PathElement } from './path-element.ts';
import { childSchema } from './typed-value.ts';

function isAtomic(schema: TypeSchema): boolean {
  if (schema.kind === 'list') return schema.listType === 'atomic';
  return (schema.kind === 'struct' || schema.kind === 'map') && schema.atomic;
}

/** Returns the same set if nothing changes. */
export function reconcileWithSchema(set: FieldSet, schema: TypeSchema): FieldSet {
  let members: Set<PathElement> | undefined;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const below = childSchema(schema, element);
    if (below === undefined) continue;
    if (isAtomic(below)) {
      members ??= new Set(set.members);
      members.add(element);
      children ??= new Map(set.children);
      children.delete(element);
      continue;
    }
    const reconciled = reconcileWithSchema(child, below);
    if (reconciled === child) continue;
    children ??= new Map(set.children);
    children.set(element, reconciled);
  }
  return children === undefined ? set : FieldSet.make(members ?? set.members, children);
}
