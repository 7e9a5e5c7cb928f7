/**
 * Metrics in lines of the log, which CloudWatch reads out of them
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * A metric costs by its dimensions, so the function is the only one: everything else of a line is there to search for.
 */

import type { TableUsage } from '../../shared/storage/table-usage.ts';

export const METRICS_NAMESPACE = 'Zeroplane';

/** Every metric that functions send. */
export const METRIC_UNITS = {
  Requests: 'Count',
  ColdStarts: 'Count',
  ServerErrors: 'Count',
  TooManyRequests: 'Count',
  Milliseconds: 'Milliseconds',
  WatchSeconds: 'Seconds',
  DynamoDBCalls: 'Count',
  ReadUnits: 'Count',
  WriteUnits: 'Count',
  ControllerFailures: 'Count',
} as const;

export type Metrics = Partial<Record<keyof typeof METRIC_UNITS, number>>;

export function usageMetrics({ calls, readUnits, writeUnits }: TableUsage): Metrics {
  return { DynamoDBCalls: calls, ReadUnits: readUnits, WriteUnits: writeUnits };
}

/** The members of a line that make it metrics. `now`: milliseconds since the epoch. */
export function embeddedMetrics(functionName: string, metrics: Metrics, now: number): object {
  const names = Object.keys(metrics) as (keyof typeof METRIC_UNITS)[];
  return {
    Function: functionName,
    ...metrics,
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRICS_NAMESPACE,
          Dimensions: [['Function']],
          Metrics: names.map((Name) => ({ Name, Unit: METRIC_UNITS[Name] })),
        },
      ],
    },
  };
}
