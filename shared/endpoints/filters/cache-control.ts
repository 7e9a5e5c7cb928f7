import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

/** Forbids caching of answers that don't set their own cache-control header. */
export const withCacheControl: Filter = async (context, next) => {
  const response = await next(context);
  if (response.headers['cache-control'] !== undefined) return response;
  return withHeaders(response, { 'cache-control': 'no-cache, private' });
};
