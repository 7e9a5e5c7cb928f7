/** A line of JSON for each request, which is at the same time the metrics of it. */

import { type RequestRecord, requestFields } from '../../shared/request/request-record.ts';
import { startUsage, type TableUsage, usageSince } from '../../shared/storage/table-usage.ts';
import { embeddedMetrics, type Metrics, usageMetrics } from './embedded-metrics.ts';

/** Which requests leave a line. `errors`: those that the server failed, and those that it put off. */
export type RequestLogScope = 'all' | 'errors' | 'none';

/** Whether something leaves a line that went well or did not. */
export function leavesLine(scope: RequestLogScope, isWell: boolean): boolean {
  return scope === 'all' || (scope === 'errors' && !isWell);
}

export interface RequestLogOptions {
  /** As metrics name the function. */
  readonly functionName: string;
  readonly tenant: string;
  readonly scope: RequestLogScope;
  /**
   * Of this environment, which serves one request at a time: what is added during a request is the request's. Absent
   * where it serves many.
   */
  readonly usage?: TableUsage | undefined;
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Lambda's id of an invocation, and whether it was the first of its environment. */
export interface InvocationFacts {
  readonly requestId: string;
  readonly isColdStart: boolean;
}

export class RequestLog {
  readonly #options: RequestLogOptions;

  constructor(options: RequestLogOptions) {
    this.#options = options;
  }

  /** Called when an invocation begins; the result is to be told of its request. */
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
    if (!leavesLine(scope, serverErrors + tooManyRequests === 0)) return;
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
