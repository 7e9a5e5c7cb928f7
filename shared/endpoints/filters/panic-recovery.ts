import { PlainError } from '../../meta/status-error.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { isStorageError } from '../../storage/errors.ts';
import { isForeignFault } from '../../util/foreign-fault.ts';
import type { Logger } from '../../util/logger.ts';
import { writeError } from '../codec/response-writers.ts';
import { toStatusError } from '../codec/statuses.ts';
import type { Filter } from '../routing/handler.ts';

/**
 * Converts errors thrown by inner handlers into a Status. Logs unexpected errors, and faults of other servers as one
 * line.
 */
export function withPanicRecovery(codecs: CodecFactory, logger: Logger): Filter {
  return async (context, next) => {
    try {
      return await next(context);
    } catch (error) {
      const { status } = toStatusError(error);
      const isOurs = (status.code === 500 && !(error instanceof PlainError)) || isOutdated(error);
      const { request, audit } = context;
      const subject = `${request.method} ${request.path}`;
      if (isOurs && isForeignFault(error)) {
        logger.warning(`${subject}: ${status.message}`, { auditID: audit.auditID });
      } else if (isOurs) {
        logger.error(subject, error, { auditID: audit.auditID });
      }
      return writeError(context, codecs, error);
    }
  };
}

/** Whether a newer release has taken over the store. */
function isOutdated(error: unknown): boolean {
  return isStorageError((error as Error).cause, 'NewerFormat');
}
