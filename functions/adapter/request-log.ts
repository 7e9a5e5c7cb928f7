/** A line of JSON for each request, which is at the same time the metrics of it. */

import type { RequestRecord } from '../../shared/request/request-record.ts';
import { embeddedMetrics, type Metrics } from './embedded-metrics.ts';
import { startUsage, type TableUsage, usageSince } from './table-usage.ts';

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
  /** Of this environment, which serves one request at a time: what is added during a request is the request's. */
  readonly usage: TableUsage;
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
    const before = startUsage(this.#options.usage);
    return (record) => this.#log(facts, record, before);
  }

  #log({ requestId, isColdStart }: InvocationFacts, record: RequestRecord, before: TableUsage): void {
    const { scope, tenant, usage, write, functionName, now } = this.#options;
    const { status, milliseconds, isLongRunning, ...fields } = record;
    const serverErrors = Number(status >= 500);
    const tooManyRequests = Number(status === 429);
    if (!leavesLine(scope, serverErrors + tooManyRequests === 0)) return;
    const metrics: Metrics = {
      Requests: 1,
      ColdStarts: Number(isColdStart),
      ServerErrors: serverErrors,
      TooManyRequests: tooManyRequests,
      ...usageSince(usage, before),
      ...(isLongRunning ? { WatchSeconds: milliseconds / 1000 } : { Milliseconds: milliseconds }),
    };
    write(
      JSON.stringify({
        level: serverErrors ? 'error' : 'info',
        message: 'request',
        requestId,
        tenant,
        code: status,
        ...present(fields),
        ...embeddedMetrics(functionName, metrics, now()),
      }),
    );
  }
}

/** The fields that say something. */
function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
