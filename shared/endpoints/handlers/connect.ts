import { newBadRequest } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { Connecter } from '../../rest/rest-storage.ts';
import { scopeNamespace } from '../codec/decode-body.ts';
import { admissionAttributes } from '../resource/admission-attributes.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Subresources that answer for themselves, once admission has agreed. */
export async function connectResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Connecter,
): Promise<ApiResponse> {
  if (context.request.query.has('dryRun')) throw newBadRequest('dryRun is not supported');
  const { name } = context.requestInfo;
  if (scope.admission.handles('CONNECT')) {
    const query = Object.fromEntries(context.request.query);
    const attributes = admissionAttributes(context, scope, {
      operation: 'CONNECT',
      name,
      namespace: scopeNamespace(context, scope),
      object: { kind: scope.kind.kind, apiVersion: 'v1', metadata: {}, ...query },
      oldObject: undefined,
      options: { kind: '', apiVersion: '' },
      dryRun: false,
    });
    await scope.admission.admit(attributes, context);
    await scope.admission.validate(attributes, context);
  }
  return storage.connect(context, name);
}
