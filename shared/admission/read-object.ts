import type { KubeObject } from '../meta/kube-object.ts';
import { StatusError } from '../meta/status-error.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { RuntimeObject } from '../runtime/scheme.ts';
import { decodeJSON } from '../runtime/serializer/json/decode-json.ts';
import { completeKind, interpret, setKind } from '../runtime/serializer/object-kind.ts';
import { stringifyJSON } from '../util/exact-json.ts';
import type { AdmissionAttributes, AdmissionDependencies } from './admission.ts';

/**
 * Decodes and defaults JSON as an object of the kind, possibly in another version of it. The content of custom
 * resources is left to their validation. Throws if it isn't such an object.
 */
export async function readObject(
  value: unknown,
  kind: GroupVersionKind,
  { objects }: AdmissionAttributes,
  { scheme }: AdmissionDependencies,
): Promise<KubeObject> {
  if (!scheme.recognizes(kind)) return objects.fromVersion(value as RuntimeObject);
  const text = stringifyJSON(value);
  const definedKind = completeKind(interpret(value), { defaults: kind }, () => text);
  const object = decodeJSON(text, scheme.schema(definedKind)).value as RuntimeObject;
  if (definedKind.group !== kind.group || definedKind.kind !== kind.kind)
    throw cannotConvert(definedKind, kind);
  setKind(object, definedKind);
  return objects.fromVersion(object);
}

function cannotConvert({ version, kind }: GroupVersionKind, to: GroupVersionKind): StatusError {
  const ours = `${to.group.split('.')[0] || 'core'}.${to.kind}`;
  return new StatusError({
    code: 500,
    message: `converting (${version}.${kind}) to (${ours}): unknown conversion`,
  });
}
