/** Request logging (upstream's httplog). */

import { type RequestObserver, requestFields } from '../../request/request-record.ts';
import { type Logger, VERBOSITY } from '../../util/logger.ts';
import type { Filter } from '../routing/handler.ts';

/** Logs each request when its answer has ended. */
export function requestLine(logger: Logger): RequestObserver {
  return (record) => {
    const milliseconds = Math.round(record.milliseconds * 100) / 100;
    logger.info(VERBOSITY.requests, 'request', { ...requestFields(record), milliseconds });
  };
}

/** Adds the audit id to every log line written on behalf of the request. */
export function withLogScope(logger: Logger): Filter {
  return (context, next) => logger.during({ auditID: context.audit.auditID }, () => next(context));
}
