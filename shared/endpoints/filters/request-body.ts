import { newRequestEntityTooLarge } from '../../meta/status-error.ts';
import { changedRequest } from '../../request/api-request.ts';
import type { Filter } from '../routing/handler.ts';

/**
 * Reads the body. It comes after authorization, so that bodies of refused requests are never read. Rejects bodies
 * larger than `maxBytes`, of which hosts read at most one byte more.
 */
export function withRequestBody(maxBytes: number): Filter {
  return async (context, next) => {
    const { readBody } = context.request;
    if (readBody !== undefined) {
      const body = await readBody(maxBytes, context.user.name);
      context.request = changedRequest(context.request, { body, readBody: undefined });
    }
    if (context.request.body.byteLength > maxBytes) throw newRequestEntityTooLarge(`limit is ${maxBytes}`);
    return next(context);
  };
}
