/** Computes a server's activity between two samples of its metrics. */

import type { Metrics, Sample } from './parse-metrics.ts';
import { MILLION_UNITS_DOLLARS } from './request-unit-dollars.ts';

export interface MomentOfMetrics {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly metrics: Metrics;
}

export interface Failure {
  readonly code: string;
  readonly verb: string;
  readonly resource: string;
  readonly count: number;
}

export interface Overview {
  readonly requestsPerSecond: number;
  /** By verb, the most frequent first. */
  readonly verbs: readonly (readonly [verb: string, perSecond: number])[];
  /** Responses of 500 and above, and 429. */
  readonly failures: readonly Failure[];
  /** In seconds, without watches; undefined: there were no requests. */
  readonly p99Seconds: number | undefined;
  readonly inFlight: number;
  readonly watches: number;
  readonly objects: number;
  /** By resource, the largest first. */
  readonly resources: readonly (readonly [resource: string, objects: number])[];
  /** What is undefined from here on, the server doesn't tell, as a fleet's tenant doesn't. */
  readonly memoryBytes: number | undefined;
  /** In processors. */
  readonly cpu: number | undefined;
  readonly readUnitsPerSecond: number | undefined;
  readonly writeUnitsPerSecond: number | undefined;
  /** For DynamoDB, extrapolated from this period. */
  readonly dollarsPerMonth: number | undefined;
}

const MONTH_SECONDS = 30 * 24 * 3600;
const LASTING = new Set(['WATCH', 'WATCHLIST', 'CONNECT']);
const MEMORY = 'process_resident_memory_bytes';
const CPU = 'process_cpu_seconds_total';
const UNITS = 'zeroplane_dynamodb_request_units_total';
const DURATIONS = 'apiserver_request_duration_seconds_bucket';

/** `before` is an earlier sample of the same process; if it isn't, rates count from zero. */
export function overviewOf(before: MomentOfMetrics, now: MomentOfMetrics): Overview {
  const since = new Since(before.metrics, now.metrics);
  const seconds = Math.max(now.at - before.at, 1) / 1000;
  const requests = since.samples('apiserver_request_total');
  const verbs = sumBy(requests, ({ verb = '' }) => verb).map(
    ([verb, count]) => [verb, count / seconds] as const,
  );
  const resources = sumBy(samplesOf(now.metrics, 'apiserver_resource_objects'), resourceName);
  const told = (family: string, value: () => number) => (now.metrics.has(family) ? value() : undefined);
  const units = (kind: string) =>
    told(UNITS, () => total(since.samples(UNITS), ({ type }) => type === kind) / seconds);
  const readUnitsPerSecond = units('read');
  const writeUnitsPerSecond = units('write');
  return {
    requestsPerSecond: total(requests) / seconds,
    verbs,
    failures: failuresOf(requests),
    p99Seconds: quantile(
      0.99,
      since.samples(DURATIONS).filter(({ labels }) => !LASTING.has(labels['verb'] ?? '')),
    ),
    inFlight: total(samplesOf(now.metrics, 'apiserver_current_inflight_requests')),
    watches: total(samplesOf(now.metrics, 'apiserver_longrunning_requests'), ({ verb }) => verb === 'WATCH'),
    objects: resources.reduce((sum, [, count]) => sum + count, 0),
    resources,
    memoryBytes: told(MEMORY, () => total(samplesOf(now.metrics, MEMORY))),
    cpu: told(CPU, () => total(since.samples(CPU)) / seconds),
    readUnitsPerSecond,
    writeUnitsPerSecond,
    dollarsPerMonth: dollarsPerMonth(readUnitsPerSecond, writeUnitsPerSecond),
  };
}

function dollarsPerMonth(reads: number | undefined, writes: number | undefined): number | undefined {
  if (reads === undefined || writes === undefined) return undefined;
  const { read, write } = MILLION_UNITS_DOLLARS;
  return ((reads * read + writes * write) / 1e6) * MONTH_SECONDS;
}

/** Responses for server failures or overload; `requests` may cover the process's lifetime, or a period. */
export function failuresOf(requests: readonly Sample[]): Failure[] {
  return requests
    .filter(({ labels: { code = '' }, value }) => value > 0 && (code >= '500' || code === '429'))
    .map(({ labels, value }) => ({
      code: labels['code']!,
      verb: labels['verb'] ?? '',
      resource: resourceName(labels) || 'no resource',
      count: value,
    }))
    .sort((a, b) => b.count - a.count);
}

export const samplesOf = (metrics: Metrics, name: string): readonly Sample[] => metrics.get(name) ?? [];

/** Increases of counters. */
class Since {
  readonly #before: Metrics;
  readonly #now: Metrics;

  constructor(before: Metrics, now: Metrics) {
    this.#before = before;
    this.#now = now;
  }

  samples(name: string): Sample[] {
    const earlier = new Map(
      samplesOf(this.#before, name).map(({ labels, value }) => [keyOf(labels), value] as const),
    );
    return samplesOf(this.#now, name).map(({ labels, value }) => {
      const from = earlier.get(keyOf(labels)) ?? 0;
      // A lower value means that the process has restarted.
      return { labels, value: value >= from ? value - from : value };
    });
  }
}

const keyOf = (labels: Sample['labels']): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n');

function resourceName({ resource = '', group = '' }: Sample['labels']): string {
  return group === '' || resource === '' ? resource : `${resource}.${group}`;
}

function total(samples: readonly Sample[], isCounted: (labels: Sample['labels']) => boolean = () => true) {
  return samples.reduce((sum, { labels, value }) => (isCounted(labels) ? sum + value : sum), 0);
}

/** Sums by a key, the largest first; zeros are left out. */
function sumBy(samples: readonly Sample[], key: (labels: Sample['labels']) => string): [string, number][] {
  const sums = new Map<string, number>();
  for (const { labels, value } of samples) sums.set(key(labels), (sums.get(key(labels)) ?? 0) + value);
  return [...sums].filter(([, sum]) => sum > 0).sort(([, a], [, b]) => b - a);
}

/** PromQL's `histogram_quantile` over all series of the buckets. */
function quantile(q: number, buckets: readonly Sample[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { labels, value } of buckets) {
    const bound = Number((labels['le'] ?? '').replace('+Inf', 'Infinity'));
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  const bounds = [...counts].sort(([a], [b]) => a - b);
  const count = bounds.at(-1)?.[1] ?? 0;
  if (count === 0) return undefined;
  const rank = q * count;
  const index = bounds.findIndex(([, below]) => below >= rank);
  const [lower, below] = bounds[index - 1] ?? [0, 0];
  const [upper, through] = bounds[index]!;
  if (upper === Number.POSITIVE_INFINITY) return lower;
  return lower + ((upper - lower) * (rank - below)) / (through - below);
}
