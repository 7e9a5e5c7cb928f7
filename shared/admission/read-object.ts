import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { RuntimeObject } from '../runtime/scheme.ts';
import { decodeJSON } from '../runtime/serializer/json/decode-json.ts';
import { stringifyJSON } from '../util/exact-json.ts';
import type { AdmissionAttributes, AdmissionDependencies } from './admission.ts';

/** JSON as an object of the kind, defaulted. What a custom resource may hold is left to its validation. */
export async function readObject(
  value: unknown,
  kind: GroupVersionKind,
  { objects }: AdmissionAttributes,
  { scheme }: AdmissionDependencies,
): Promise<KubeObject> {
  const object = scheme.recognizes(kind)
    ? decodeJSON(stringifyJSON(value), scheme.schema(kind)).value
    : value;
  return objects.fromVersion(object as RuntimeObject);
}
