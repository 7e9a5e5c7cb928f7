import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

/** Keeps answers out of caches, unless they say otherwise. */
export const withCacheControl: Filter = async (context, next) => {
  const response = await next(context);
  if (response.headers['cache-control'] !== undefined) return response;
  return withHeaders(response, { 'cache-control': 'no-cache, private' });
};
