import { PlainError } from '../../meta/status-error.ts';
import { newRequestInfo } from '../../request/request-info-factory.ts';
import { quote } from '../../runtime/go-format.ts';
import { plainText } from '../codec/response-writers.ts';
import type { Filter } from '../routing/handler.ts';

/**
 * Parses path and query once for all later handlers. Errors are sent as plain text
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/requestinfo.go).
 */
export const withRequestInfo: Filter = async (context, next) => {
  const { request } = context;
  try {
    context.requestInfo = newRequestInfo(request);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    const why = `failed to create RequestInfo: ${error.message}`;
    return plainText(500, `Internal Server Error: ${quote(request.path)}: ${why}\n`);
  }
  return next(context);
};
