/**
 * Metrics in log lines, extracted by CloudWatch
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * A metric is billed per set of dimensions, so the function is the only one; the other members of a line are for
 * searches.
 */

import type { TableUsage } from '../../shared/storage/table-usage.ts';

export const METRICS_NAMESPACE = 'Zeroplane';

/** All metrics that functions send. */
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

/** The members that make a log line a metric. `now`: milliseconds since the epoch. */
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
