/**
 * Whether stored objects have all their defaults, so that they may be sent as they are stored. What clients send has
 * them; what the server itself changes afterwards gets them only when it is read (upstream defaults whatever it decodes
 * from etcd: `unstructuredDefaulter` in `crdConversionRESTOptionsGetter`).
 */

import type { CustomResourceSubresources } from '../../apis/apiextensions/v1/types.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { setNestedField } from '../../meta/nested-field.ts';
import { namesOf } from '../registry/customresource/scale-paths.ts';
import type { ResourceForm } from './resource-form.ts';

/** For objects of one version, which has these subresources. */
export function writtenWhole(
  form: ResourceForm,
  apiVersion: string,
  kind: string,
  { status, scale }: CustomResourceSubresources = {},
): boolean {
  const object: UnstructuredObject = { apiVersion, kind, metadata: {} };
  form.setDefaults(object);
  // A create leaves out the status.
  if (status && Object.hasOwn(object, 'status')) return false;
  if (!scale) return true;
  try {
    // Makes the objects on the way to the field.
    setNestedField(object, 1, namesOf(scale.specReplicasPath));
  } catch {
    return true;
  }
  const before = JSON.stringify(object);
  form.setDefaults(object);
  return JSON.stringify(object) === before;
}
