/** The handler chain: filters around a handler, any of which may answer in its place. */

import type { ApiResponse } from '../../request/api-request.ts';
import type { ServingContext } from './serving-context.ts';

export type RequestHandler = (context: ServingContext) => Promise<ApiResponse>;

/** Processes the request, then calls `next` or answers itself. */
export type Filter = (context: ServingContext, next: RequestHandler) => Promise<ApiResponse>;

/** Wraps `handler` in `filters`, the first one outermost. */
export function chain(filters: readonly Filter[], handler: RequestHandler): RequestHandler {
  return filters.reduceRight<RequestHandler>((next, filter) => (context) => filter(context, next), handler);
}
