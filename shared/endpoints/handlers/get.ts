import { newBadRequest } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { booleanParameter, stringParameter } from '../../request/query-parameters.ts';
import type { Getter } from '../../rest/rest-storage.ts';
import { negotiateOutput } from '../codec/negotiation.ts';
import { writeObject } from '../codec/response.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';

export async function getResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Getter,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  const { query } = context.request;
  if (booleanParameter(query, 'export')) {
    throw newBadRequest('the export parameter, deprecated since v1.14, is no longer supported');
  }
  const resourceVersion = stringParameter(query, 'resourceVersion');
  const item = await (context.ahead?.take(storage) ??
    storage.get(context, context.requestInfo.name, { resourceVersion }));
  return writeObject({ context, scope, mediaType, storageVersion: storage.storageVersion }, 200, item);
}
