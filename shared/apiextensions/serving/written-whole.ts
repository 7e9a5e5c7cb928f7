/**
 * Determines whether stored objects have all defaults and can be sent unchanged. Objects from clients have them;
 * objects that the server modifies afterwards only get them on read (upstream applies defaults to everything it decodes
 * from etcd: `unstructuredDefaulter` in `crdConversionRESTOptionsGetter`).
 */

import type { CustomResourceSubresources } from '../../apis/apiextensions/v1/types.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { setNestedField } from '../../meta/nested-field.ts';
import { namesOf } from '../registry/customresource/scale-paths.ts';
import type { ResourceForm } from './resource-form.ts';

/** For objects of one version with these subresources. */
export function writtenWhole(
  form: ResourceForm,
  apiVersion: string,
  kind: string,
  { status, scale }: CustomResourceSubresources = {},
): boolean {
  const object: UnstructuredObject = { apiVersion, kind, metadata: {} };
  form.setDefaults(object);
  // A create drops the status.
  if (status && Object.hasOwn(object, 'status')) return false;
  if (!scale) return true;
  try {
    // Creates the parent objects of the field.
    setNestedField(object, 1, namesOf(scale.specReplicasPath));
  } catch {
    return true;
  }
  const before = JSON.stringify(object);
  form.setDefaults(object);
  return JSON.stringify(object) === before;
}
