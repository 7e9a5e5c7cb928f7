import { PlainError } from '../../meta/status-error.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { writeError } from '../codec/response-writers.ts';
import { toStatusError } from '../codec/statuses.ts';
import type { Filter } from '../routing/handler.ts';

/** Told of errors that no client caused. */
export type LogError = (message: string, error: unknown) => void;

/** Turns whatever is thrown further in into a Status; what nobody foresaw is logged. */
export function withPanicRecovery(codecs: CodecFactory, logError: LogError): Filter {
  return async (context, next) => {
    try {
      return await next(context);
    } catch (error) {
      const { status } = toStatusError(error);
      const isOurs = status.code === 500 && !(error instanceof PlainError);
      if (isOurs) logError(`${context.request.method} ${context.request.path}`, error);
      return writeError(context, codecs, error);
    }
  };
}
