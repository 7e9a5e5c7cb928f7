import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { Connecter } from '../../rest/rest-storage.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { StructSchema } from '../../runtime/type-schema.ts';
import { connectOptions, withPath } from '../codec/connect-options.ts';
import { scopeNamespace } from '../codec/decode-body.ts';
import { negotiateOutput } from '../codec/negotiation.ts';
import { admissionAttributes } from '../resource/admission-attributes.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Serves connect subresources after admission. */
export async function connectResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Connecter,
): Promise<ApiResponse> {
  if (context.request.query.has('dryRun')) throw newBadRequest('dryRun is not supported');
  const { name } = context.requestInfo;
  if (scope.admission.handles('CONNECT')) {
    const { kind } = scope;
    const schema = scope.convertor.schema(kind) as StructSchema;
    const { path, parts } = context.requestInfo;
    const { query } = context.request;
    const given = schema.fields.has('path') ? withPath(query, parts.slice(3), path) : query;
    // Options have no metadata; admission sees them as an object all the same.
    const object = {
      kind: kind.kind,
      apiVersion: formatGroupVersion(kind),
      ...connectOptions(given, schema),
    } as unknown as KubeObject;
    const attributes = admissionAttributes(context, scope, {
      operation: 'CONNECT',
      name,
      namespace: scopeNamespace(context, scope),
      object,
      oldObject: undefined,
      options: { kind: '', apiVersion: '' },
      dryRun: false,
    });
    await scope.admission.admit(attributes, context);
    await scope.admission.validate(attributes, context);
  }
  return storage.connect(context, name);
}

/**
 * Serves a log. Upstream treats it as a GET of an object although the answer is text: the client must accept a media
 * type of objects, and admission isn't called.
 */
export async function streamResource(
  context: ServingContext,
  { codecs, custom }: RequestScope,
  storage: Connecter,
): Promise<ApiResponse> {
  await negotiateOutput(context, codecs, restrictionsOf({ custom, hasTables: false }));
  return storage.connect(context, context.requestInfo.name);
}
