import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { RuntimeObject } from '../runtime/scheme.ts';
import { decodeJSON } from '../runtime/serializer/json/decode-json.ts';
import { stringifyJSON } from '../util/exact-json.ts';
import type { AdmissionAttributes, AdmissionDependencies } from './admission.ts';

/** JSON as an object of the kind, defaulted. */
export async function readObject(
  value: unknown,
  kind: GroupVersionKind,
  { objects }: AdmissionAttributes,
  { schemaOf }: AdmissionDependencies,
): Promise<KubeObject> {
  const schema = await schemaOf(kind);
  const object = schema === undefined ? value : decodeJSON(stringifyJSON(value), schema).value;
  return objects.fromVersion(object as RuntimeObject);
}
