import { newRequestInfo } from '../../request/request-info-factory.ts';
import type { Filter } from '../routing/handler.ts';

/** Reads path and query, once, for everybody. */
export const withRequestInfo: Filter = (context, next) => {
  context.requestInfo = newRequestInfo(context.request);
  return next(context);
};
