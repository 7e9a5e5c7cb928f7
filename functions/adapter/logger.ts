/**
 * The log of a function's environment: JSON lines, to which Lambda adds the time. An environment serves one request at
 * a time.
 */

import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { RequestLog, type RequestLogScope } from './request-log.ts';

export const { ZEROPLANE_TENANT: tenant = '' } = process.env;
const { ZEROPLANE_REQUEST_LOG, _HANDLER = '' } = process.env;
const SCOPES: readonly string[] = ['all', 'errors', 'none'] satisfies RequestLogScope[];

/** The function's name in metrics: `_HANDLER` is `aggregator.handler`. */
export const functionName = _HANDLER.split('.')[0] || 'local';

/** Usage of this environment since it started. */
export const tableUsage = new TableUsageCounter();

let requestId = '';

/** Sets the invocation of all later log lines. Returns whether it is the environment's first. */
export function beginInvocation(id: string): boolean {
  const isFirst = requestId === '';
  requestId = id;
  return isFirst;
}

export const logger = newLogger(({ fields, ...record }) =>
  console.error(
    JSON.stringify({ ...record, ...(requestId && { requestId }), ...(tenant && { tenant }), ...fields }),
  ),
);

/** Which invocations are logged. */
export const logScope: RequestLogScope = SCOPES.includes(ZEROPLANE_REQUEST_LOG ?? '')
  ? (ZEROPLANE_REQUEST_LOG as RequestLogScope)
  : 'all';

export const requestLog = new RequestLog({
  functionName,
  tenant,
  scope: logScope,
  usage: tableUsage,
  write: (line) => console.log(line),
  now: Date.now,
});
