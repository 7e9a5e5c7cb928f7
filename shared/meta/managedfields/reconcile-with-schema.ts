/**
 * Fits a set of fields to a schema in which a list or map has become atomic since the set was written: whoever owned
 * parts of it owns it whole
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

/** The same set when nothing had to change. */
export function reconcileWithSchema(set: FieldSet, schema: TypeSchema): FieldSet {
  const members = new Set<PathElement>(set.members);
  const children = new Map<PathElement, FieldSet>();
  let hasChanged = false;
  for (const [element, child] of set.children) {
    const below = childSchema(schema, element);
    if (below !== undefined && isAtomic(below)) {
      members.add(element);
      hasChanged = true;
      continue;
    }
    const reconciled = below === undefined ? child : reconcileWithSchema(child, below);
    hasChanged ||= reconciled !== child;
    children.set(element, reconciled);
  }
  return hasChanged ? FieldSet.make(members, children) : set;
}
