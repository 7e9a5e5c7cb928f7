/** A JSON log line for each request, which also contains its metrics. */

import { type RequestRecord, requestFields } from '../../shared/request/request-record.ts';
import { startUsage, type TableUsage, usageSince } from '../../shared/storage/table-usage.ts';
import { embeddedMetrics, type Metrics, usageMetrics } from './embedded-metrics.ts';

/** Which requests are logged. `errors`: those that failed in the server, and those that were refused for a while. */
export type RequestLogScope = 'all' | 'errors' | 'none';

/** Whether an event is logged, by its success. */
export function shouldLog(scope: RequestLogScope, isWell: boolean): boolean {
  return scope === 'all' || (scope === 'errors' && !isWell);
}

export interface RequestLogOptions {
  /** The function's name in metrics. */
  readonly functionName: string;
  readonly tenant: string;
  readonly scope: RequestLogScope;
  /**
   * Usage of this environment, which serves one request at a time: its increase during a request is the request's.
   * Absent in hosts that serve several.
   */
  readonly usage?: TableUsage | undefined;
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Lambda's id of an invocation, and whether it is the environment's first. */
export interface InvocationFacts {
  readonly requestId: string;
  readonly isColdStart: boolean;
}

export class RequestLog {
  readonly #options: RequestLogOptions;

  constructor(options: RequestLogOptions) {
    this.#options = options;
  }

  /** Called when an invocation begins; the returned function must be called with its request. */
  begin(facts: InvocationFacts): (record: RequestRecord) => void {
    const { usage } = this.#options;
    const before = usage && startUsage(usage);
    return (record) => this.#log(facts, record, before);
  }

  #log(
    { requestId, isColdStart }: InvocationFacts,
    record: RequestRecord,
    before: TableUsage | undefined,
  ): void {
    const { scope, tenant, usage, write, functionName, now } = this.#options;
    const { status, milliseconds, isLongRunning } = record;
    const serverErrors = Number(status >= 500);
    const tooManyRequests = Number(status === 429);
    if (!shouldLog(scope, serverErrors + tooManyRequests === 0)) return;
    const metrics: Metrics = {
      Requests: 1,
      ColdStarts: Number(isColdStart),
      ServerErrors: serverErrors,
      TooManyRequests: tooManyRequests,
      ...(usage && before && usageMetrics(usageSince(usage, before))),
      ...(isLongRunning ? { WatchSeconds: milliseconds / 1000 } : { Milliseconds: milliseconds }),
    };
    write(
      JSON.stringify({
        level: serverErrors ? 'error' : 'info',
        message: 'request',
        tenant,
        ...(requestId !== '' && { requestId }),
        ...requestFields(record),
        ...embeddedMetrics(functionName, metrics, now()),
      }),
    );
  }
}
