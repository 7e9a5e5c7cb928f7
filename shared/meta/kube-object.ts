/** Types common to all API objects. */

import type { RuntimeObject } from '../runtime/scheme.ts';
import type { ListMeta, ObjectMeta } from './v1/types.ts';

/** An object with metadata, in any version. Types of kinds (`Pod`, `Role`) are assignable to it. */
export interface KubeObject extends RuntimeObject {
  metadata: ObjectMeta;
}

/** An object whose fields are only known at run time: custom resources, and code that handles all kinds. */
export interface UnstructuredObject extends KubeObject {
  [field: string]: unknown;
}

export interface KubeList<T = KubeObject> extends RuntimeObject {
  metadata: ListMeta;
  items: T[];
}

/** Gives access to an object's fields by name. The only place that casts typed objects to records. */
export function asUnstructured(object: RuntimeObject): UnstructuredObject {
  return object as UnstructuredObject;
}
