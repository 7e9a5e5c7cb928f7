/** Server-side apply: the configuration in a request, merged into what there is by its field manager. */

import type { KubeObject } from '../meta/kube-object.ts';
import { newBadRequest } from '../meta/status-error.ts';
import { formatGroupVersionKind } from '../runtime/group-version.ts';
import { DecodingError } from '../runtime/serializer/decoding-error.ts';
import { deepCopy } from '../util/deep-copy.ts';
import type { PatchMechanism } from './handlers/patch.ts';
import type { RequestScope } from './request-scope.ts';
import type { ServingContext } from './serving-context.ts';
import { fieldValidationOf, type WriteOptions } from './write-options.ts';

/** Reads the configuration once; throws BadRequest for what isn't an object in YAML. */
export async function applyConfiguration(
  context: ServingContext,
  scope: RequestScope,
  options: WriteOptions,
): Promise<PatchMechanism> {
  const { fieldManager } = scope;
  if (fieldManager === undefined) throw new Error(`${scope.kind.kind} has no field manager`);
  const configuration = await decodeConfiguration(context, scope, options);
  const manager = options.fieldManager!;
  const force = options.force ?? false;
  return async (current) =>
    fieldManager.apply(current ?? scope.convertor.newObject(), deepCopy(configuration), { manager, force });
}

async function decodeConfiguration(
  context: ServingContext,
  { codecs, kind }: RequestScope,
  options: WriteOptions,
): Promise<KubeObject> {
  const { serializer } = (await codecs.serializerInfo('application/yaml'))!;
  const validation = fieldValidationOf(options);
  try {
    const strict = validation !== 'Ignore';
    const decoded = serializer.decode(context.request.body, { strict, asWritten: true });
    if (decoded.strictErrors.length > 0 && validation === 'Strict') {
      throw newBadRequest(`error strict decoding patch: ${decoded.strictErrors.join(', ')}`);
    }
    for (const warning of decoded.strictErrors) context.addWarning(warning);
    return decoded.object as KubeObject;
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    const given = error.gvk && formatGroupVersionKind(error.gvk);
    if (given !== undefined && given !== formatGroupVersionKind(kind)) {
      throw newBadRequest(`invalid object type: ${given}`);
    }
    throw newBadRequest(`error decoding patch: ${error.message}`);
  }
}
