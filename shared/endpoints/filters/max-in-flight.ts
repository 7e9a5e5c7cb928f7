import { newTooManyRequests } from '../../meta/status-error.ts';
import { SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';

const READ_ONLY = new Set(['get', 'list', 'watch']);
const RETRY_AFTER_SECONDS = 1;

/** How many requests may run at a time; 0: any number. */
export interface MaxInFlight {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Refuses what is too much, save for the privileged, who may be the ones to mend it. */
export function withMaxInFlightLimit(limits: MaxInFlight): Filter {
  const running = { readOnly: 0, mutating: 0 };
  return async (context, next) => {
    if (isLongRunning(context.requestInfo)) return next(context);
    const kind = READ_ONLY.has(context.requestInfo.verb) ? 'readOnly' : 'mutating';
    const limit = limits[kind];
    const privileged = context.user.groups.includes(SYSTEM_PRIVILEGED_GROUP);
    if (limit > 0 && running[kind] >= limit && !privileged) {
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
