/** `zeroplane top`: the content of the page at `/ui`, in a terminal. */

import { setTimeout as sleep } from 'node:timers/promises';
import { collect, type Observation, type Part, type Source } from '../../shared/ui/collect.ts';
import {
  formatAge,
  formatBytes,
  formatDollars,
  formatNumber,
  formatPercent,
  formatSeconds,
} from '../../shared/ui/format.ts';
import { type Overview, overviewOf } from '../../shared/ui/overview.ts';
import { type ClusterError, type ClusterOptions, connectCluster } from './cluster.ts';
import { alignColumns, printable } from './columns.ts';

export interface TopOptions extends ClusterOptions {
  /** Seconds. */
  readonly interval: number;
  readonly once?: boolean | undefined;
}

const CLEAR = '\u001b[2J\u001b[H';
const MOST = 10;
const MOST_CONTROL_PLANES = 20;

/**
 * In a terminal it goes on until it is interrupted, whatever becomes of the server meanwhile; else, or with `once`, it
 * prints one interval. Rejects with Error where the first look finds nothing to show.
 */
export async function top(options: TopOptions): Promise<void> {
  const isOnce = options.once || !process.stdout.isTTY;
  const cluster = await connectCluster(options);
  try {
    const source: Source = { json: cluster.get, text: (path) => cluster.text(path).catch(inWords) };
    let before = await collect(source);
    orThrow(before.metrics);
    for (;;) {
      await sleep(options.interval * 1000);
      const now = await collect(source);
      if (isOnce) {
        console.log(topText(before, now));
        return;
      }
      const isThere = 'value' in now.metrics;
      process.stdout.write(
        `${CLEAR}${isThere ? topText(before, now) : failureText(now, options.interval)}\n`,
      );
      if (isThere) before = now;
    }
  } finally {
    await cluster.close();
  }
}

function failureText({ metrics, at }: Observation, interval: number): string {
  const reason = 'error' in metrics ? metrics.error : '';
  return `${printable(reason)}   ${timeOf(at)}\nretrying every ${interval} s`;
}

/** UTC, as alarms and logs have it. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Turns a failure to read metrics into an error, since there is nothing to show without them. */
function inWords(error: unknown): never {
  const { status, reason } = error as ClusterError;
  if (status === 401) throw new Error(`${reason}: the kubeconfig's user is unknown`);
  if (status === 403) throw new Error(`${reason}: the group system:monitoring has access`);
  throw error;
}

/** Renders the activity between two samples. Throws Error if the metrics could not be read. */
function topText(before: Observation, now: Observation): string {
  const overview = overviewOf(
    { at: before.at, metrics: orThrow(before.metrics) },
    { at: now.at, metrics: orThrow(now.metrics) },
  );
  return [
    headLine(now),
    figures(overview),
    section('CONTROL PLANES', controlPlanes(now)),
    section('REQUESTS', requests(overview)),
    section('FAILED', failed(overview)),
    section('OBJECTS', objects(overview)),
    section('WARNINGS', warnings(now)),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function orThrow<T>(part: Part<T>): T {
  if ('error' in part) throw new Error(part.error);
  return part.value;
}

function headLine({ version, ready, at }: Observation): string {
  const failing = 'value' in ready ? ready.value : [ready.error];
  const state = failing.length === 0 ? 'ready' : `not ready: ${failing.join(', ')}`;
  return printable(`${'value' in version ? version.value : version.error}   ${state}   ${timeOf(at)}`);
}

function figures(now: Overview): string {
  return alignColumns([
    [
      'REQUESTS/S',
      'P99',
      'IN FLIGHT',
      'WATCHES',
      'OBJECTS',
      'MEMORY',
      'CPU',
      'RRU/S',
      'WRU/S',
      'DYNAMODB/MONTH',
    ],
    [
      formatNumber(now.requestsPerSecond),
      formatSeconds(now.p99Seconds),
      formatNumber(now.inFlight),
      formatNumber(now.watches),
      formatNumber(now.objects),
      formatBytes(now.memoryBytes),
      formatPercent(now.cpu),
      formatNumber(now.readUnitsPerSecond),
      formatNumber(now.writeUnitsPerSecond),
      formatDollars(now.dollarsPerMonth),
    ],
  ]);
}

/** Empty without rows. */
function section(title: string, lines: readonly (readonly string[])[]): string {
  return lines.length === 0 ? '' : `${title}\n${alignColumns(lines)}`;
}

/** Control planes with problems first, at most as many as fit into a terminal. */
function controlPlanes({ controlPlanes }: Observation): string[][] {
  if ('error' in controlPlanes) return [[controlPlanes.error]];
  const all = controlPlanes.value ?? [];
  if (all.length === 0) return [];
  const rows = all
    .slice(0, MOST_CONTROL_PLANES)
    .map(({ namespace, name, version, trouble, createdAt, requests, refused, endpoint }) => [
      `${namespace}/${name}`,
      trouble || 'Ready',
      version,
      formatAge(Date.now() - createdAt),
      formatNumber(requests),
      formatNumber(refused),
      endpoint,
    ]);
  const left = all.slice(MOST_CONTROL_PLANES);
  const troubled = left.filter(({ trouble }) => trouble !== '').length;
  return [
    ['NAME', 'STATE', 'VERSION', 'AGE', 'REQUESTS', 'REFUSED', 'ENDPOINT'],
    ...rows,
    ...(left.length > 0
      ? [[`and ${left.length} more`, troubled > 0 ? `${troubled} not ready` : 'Ready']]
      : []),
  ];
}

const requests = ({ verbs }: Overview) => verbs.map(([verb, rate]) => [verb, `${formatNumber(rate)}/s`]);

const failed = ({ failures }: Overview) =>
  failures.slice(0, MOST).map(({ code, verb, resource, count }) => [code, verb, resource, `${count}`]);

const objects = ({ resources }: Overview) =>
  resources.slice(0, MOST).map(([resource, count]) => [resource, formatNumber(count)]);

function warnings({ warnings }: Observation): string[][] {
  if ('error' in warnings) return [[warnings.error]];
  return warnings.value
    .slice(0, MOST)
    .map(({ at, object, reason, message }) => [formatAge(Date.now() - at), object, reason, message]);
}
