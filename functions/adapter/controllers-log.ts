/** A JSON log line for each run of the controllers, which also contains its metrics. */

import type { ControllerFailure } from '../../shared/server/controller-round.ts';
import { startUsage, usageSince } from '../../shared/storage/table-usage.ts';
import { embeddedMetrics, usageMetrics } from './embedded-metrics.ts';
import { functionName, logScope, tableUsage, tenant } from './logger.ts';
import { type InvocationFacts, shouldLog } from './request-log.ts';

export interface RoundOutcome {
  /** Unset: a full resync. */
  readonly changes: number | undefined;
  readonly failures: readonly ControllerFailure[];
}

export type ReportRound = (outcome: RoundOutcome) => void;

/** Called when an invocation begins; the returned function must be called with the result. */
export function beginRound({ requestId, isColdStart }: InvocationFacts): ReportRound {
  const before = startUsage(tableUsage);
  const begin = performance.now();
  return ({ changes, failures }) => {
    if (!shouldLog(logScope, failures.length === 0)) return;
    const metrics = {
      ColdStarts: Number(isColdStart),
      ControllerFailures: failures.length,
      ...usageMetrics(usageSince(tableUsage, before)),
      Milliseconds: performance.now() - begin,
    };
    console.log(
      JSON.stringify({
        level: failures.length > 0 ? 'error' : 'info',
        message: 'controllers',
        requestId,
        tenant,
        changes: changes ?? 'all',
        ...(failures.length > 0 && { failures }),
        ...embeddedMetrics(functionName, metrics, Date.now()),
      }),
    );
  };
}
