import { newRequestEntityTooLarge } from '../../meta/status-error.ts';
import type { Filter } from '../routing/handler.ts';

/** Refuses larger bodies. Hosts read at most one byte more. */
export function withRequestBodyLimit(maxBytes: number): Filter {
  return (context, next) => {
    if (context.request.body.byteLength > maxBytes) throw newRequestEntityTooLarge(`limit is ${maxBytes}`);
    return next(context);
  };
}
