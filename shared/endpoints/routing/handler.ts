/** How requests pass through the server: filters around a handler, each free to answer in its place. */

import type { ApiResponse } from '../../request/api-request.ts';
import type { ServingContext } from './serving-context.ts';

export type RequestHandler = (context: ServingContext) => Promise<ApiResponse>;

/** Does its part, and hands on to `next` or answers itself. */
export type Filter = (context: ServingContext, next: RequestHandler) => Promise<ApiResponse>;

/** Puts `filters`, the first outermost, around `handler`. */
export function chain(filters: readonly Filter[], handler: RequestHandler): RequestHandler {
  return filters.reduceRight<RequestHandler>((next, filter) => (context) => filter(context, next), handler);
}
