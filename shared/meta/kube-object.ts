/** What every API object is, whatever its kind. */

import type { RuntimeObject } from '../runtime/scheme.ts';
import type { ListMeta, ObjectMeta } from './v1/types.ts';

/** An object with metadata, in any version. Kinds' own types (`Pod`, `Role`) are assignable to it. */
export interface KubeObject extends RuntimeObject {
  metadata: ObjectMeta;
}

/** An object whose fields are known only at run time: custom resources, engines over all kinds. */
export interface UnstructuredObject extends KubeObject {
  [field: string]: unknown;
}

export interface KubeList<T = KubeObject> extends RuntimeObject {
  metadata: ListMeta;
  items: T[];
}

/** Reads an object's fields by name; the one place where typed objects become records. */
export function asUnstructured(object: RuntimeObject): UnstructuredObject {
  return object as UnstructuredObject;
}
