import type { KubeObject } from '../../meta/kube-object.ts';
import { applyJSONPatch, JSONPatchError } from '../../meta/patch/json-patch.ts';
import { newInternalError, StatusError } from '../../meta/status-error.ts';
import { quote } from '../../runtime/go-format.ts';
import { checkJSONBudget } from '../../runtime/serializer/body-budget.ts';
import { parseBytes } from '../../runtime/serializer/json/decode-json.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';
import { readObject } from '../read-object.ts';
import type { VersionedObjects } from '../versioned-objects.ts';
import type { AdmissionAnswer } from './admission-review.ts';
import { CallingWebhookError } from './call-webhook.ts';

/** The operations of an answer's patch; undefined if there are none. */
export function readOperations(
  { patch, patchType }: AdmissionAnswer,
  webhookName: string,
): readonly unknown[] | undefined {
  if (patch === undefined) return undefined;
  let operations: unknown;
  try {
    checkJSONBudget(patch);
    operations = parseBytes(patch).value;
    if (operations !== null && !Array.isArray(operations)) throw new TypeError(notAPatch(operations));
  } catch (error) {
    const why = `received undecodable patch in webhook response: ${(error as Error).message}`;
    throw new CallingWebhookError(webhookName, why, error);
  }
  if (operations === null || operations.length === 0) return undefined;
  if (patchType !== 'JSONPatch') {
    throw new CallingWebhookError(webhookName, `unsupported patch type ${quote(String(patchType))}`);
  }
  return operations;
}

function notAPatch(value: unknown): string {
  const found = typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`;
}

/** Applies a webhook's patch to the request's object. Throws InternalError if it doesn't apply. */
export async function applyWebhookPatch(
  patch: Buffer,
  { object, kind }: VersionedObjects,
  attributes: AdmissionAttributes,
  {
    dependencies,
    webhookName,
  }: { readonly dependencies: AdmissionDependencies; readonly webhookName: string },
): Promise<KubeObject> {
  if (object === undefined) {
    throw newInternalError(
      new Error(
        `admission webhook ${quote(webhookName)} attempted to modify the object, which is not supported for this operation`,
      ),
    );
  }
  try {
    const { value } = await applyJSONPatch(await deepCopyInPieces(object), patch);
    return await readObject(value, kind, attributes, dependencies);
  } catch (error) {
    // Unlike clients that patch, authors of webhooks get the underlying error.
    const cause = error instanceof Error && error.cause instanceof JSONPatchError ? error.cause : error;
    if (cause instanceof StatusError) throw cause;
    throw newInternalError(cause);
  }
}
