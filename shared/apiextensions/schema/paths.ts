/** Field paths that may start at the object itself, which has no name. */

import { FieldPath } from '../../meta/field-path.ts';

export const childOf = (path: FieldPath | undefined, name: string): FieldPath =>
  path === undefined ? FieldPath.of(name) : path.child(name);

/** Upstream's format for a key of the root: `[key]`. */
export const keyOf = (path: FieldPath | undefined, key: string): FieldPath =>
  path === undefined ? FieldPath.of(`[${key}]`) : path.key(key);

/** Upstream's format for the path of the object itself. */
export const ROOT = '<nil>';

export const pathOrRoot = (path: FieldPath | undefined): FieldPath | string => path ?? ROOT;
