import { PlainError } from '../../meta/status-error.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { isStorageError } from '../../storage/errors.ts';
import { isForeignFault } from '../../util/foreign-fault.ts';
import type { Logger } from '../../util/logger.ts';
import { writeError } from '../codec/response-writers.ts';
import { toStatusError } from '../codec/statuses.ts';
import type { Filter } from '../routing/handler.ts';

/** Turns whatever is thrown further in into a Status; what nobody foresaw is logged, and other servers' faults in a line. */
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

/** Whether a newer release has taken the store over. */
function isOutdated(error: unknown): boolean {
  return isStorageError((error as Error).cause, 'NewerFormat');
}
