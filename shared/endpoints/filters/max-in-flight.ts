import { newTooManyRequests } from '../../meta/status-error.ts';
import { SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';

const READ_ONLY = new Set(['get', 'list', 'watch']);
const RETRY_AFTER_SECONDS = 1;

/** Maximum number of requests in flight; 0 means no limit. */
export interface MaxInFlight {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Rejects requests beyond the limits, except those of privileged users, who may be needed to repair the cluster. */
export function withMaxInFlightLimit(limits: MaxInFlight): Filter {
  const running = { readOnly: 0, mutating: 0 };
  return async (context, next) => {
    if (isLongRunning(context.requestInfo)) return next(context);
    const kind = READ_ONLY.has(context.requestInfo.verb) ? 'readOnly' : 'mutating';
    const limit = limits[kind];
    const privileged = context.user.groups.includes(SYSTEM_PRIVILEGED_GROUP);
    if (limit > 0 && running[kind] >= limit && !privileged) {
      context.terminated = true;
      throw newTooManyRequests('Too many requests, please try again later.', RETRY_AFTER_SECONDS);
    }
    running[kind]++;
    try {
      return await next(context);
    } finally {
      running[kind]--;
    }
  };
}
