import type { ApiResponse } from '../../request/api-request.ts';
import type { Lister } from '../../rest/rest-storage.ts';
import { breathe } from '../../util/breathe.ts';
import { negotiateOutput } from '../codec/negotiation.ts';
import { writeList } from '../codec/response.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { restListOptions } from './list-options.ts';

export async function listResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Lister,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope));
  await breathe();
  const options = await restListOptions(context, scope);
  // Parsing a long selector may have taken a while.
  await breathe();
  const list = await storage.list(context, options);
  return writeList({ context, scope, mediaType, storageVersion: storage.storageVersion }, 200, list);
}
