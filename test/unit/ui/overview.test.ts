/** From two scrapes to the figures shown for the time between them. */

import { expect, test } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatDollars,
  formatNumber,
  formatSeconds,
} from '../../../shared/ui/format.ts';
import { overviewOf } from '../../../shared/ui/overview.ts';
import { parseMetrics } from '../../../shared/ui/parse-metrics.ts';

const total = (verb: string, code: string, resource: string, value: number, group = '') =>
  `apiserver_request_total{code="${code}",component="apiserver",dry_run="",group="${group}",resource="${resource}",scope="cluster",subresource="",verb="${verb}",version="v1"} ${value}`;

const durations = (verb: string, counts: readonly number[]) =>
  ['0.1', '0.2', '+Inf']
    .map((le, i) => `apiserver_request_duration_seconds_bucket{verb="${verb}",le="${le}"} ${counts[i]}`)
    .join('\n');

const BEFORE = `
# HELP apiserver_request_total requests
# TYPE apiserver_request_total counter
${total('GET', '200', 'pods', 100)}
${total('POST', '500', 'deployments', 1, 'apps')}
${durations('GET', [10, 10, 10])}
process_cpu_seconds_total 7
zeroplane_dynamodb_request_units_total{type="read"} 50
zeroplane_dynamodb_request_units_total{type="write"} 10
`;

const AFTER = `
${total('GET', '200', 'pods', 160)}
${total('GET', '404', 'pods', 5)}
${total('POST', '500', 'deployments', 4, 'apps')}
${total('LIST', '429', 'pods', 2)}
${durations('GET', [60, 110, 110])}
${durations('WATCH', [0, 0, 900])}
apiserver_current_inflight_requests{request_kind="mutating"} 1
apiserver_current_inflight_requests{request_kind="readOnly"} 2
apiserver_longrunning_requests{verb="WATCH",resource="pods"} 3
apiserver_longrunning_requests{verb="CONNECT",resource="pods"} 1
apiserver_resource_objects{group="",resource="pods"} 4
apiserver_resource_objects{group="apps",resource="deployments"} 6
apiserver_resource_objects{group="apps",resource="daemonsets"} 0
process_resident_memory_bytes 1.5e+08
process_cpu_seconds_total 8
zeroplane_dynamodb_request_units_total{type="read"} 150
zeroplane_dynamodb_request_units_total{type="write"} 30
`;

test('rates, failures, the slowest percent, current values', () => {
  const before = { at: 10_000, metrics: parseMetrics(BEFORE) };
  const now = { at: 20_000, metrics: parseMetrics(AFTER) };
  expect(overviewOf(before, now)).toEqual({
    requestsPerSecond: 7,
    verbs: [
      ['GET', 6.5],
      ['POST', 0.3],
      ['LIST', 0.2],
    ],
    failures: [
      { code: '500', verb: 'POST', resource: 'deployments.apps', count: 3 },
      { code: '429', verb: 'LIST', resource: 'pods', count: 2 },
    ],
    // 50 of 100 within 0.1 s, all within 0.2 s; watches are excluded.
    p99Seconds: expect.closeTo(0.198, 6),
    inFlight: 3,
    watches: 3,
    objects: 10,
    resources: [
      ['deployments.apps', 6],
      ['pods', 4],
    ],
    memoryBytes: 1.5e8,
    cpu: 0.1,
    readUnitsPerSecond: 10,
    writeUnitsPerSecond: 2,
    dollarsPerMonth: expect.closeTo(2_592_000 * (10 * 0.125e-6 + 2 * 0.625e-6), 6),
  });
});

test('counters of a restarted process start from zero; without requests there is no slowest percent', () => {
  const before = { at: 0, metrics: parseMetrics(AFTER) };
  const now = { at: 1000, metrics: parseMetrics(total('GET', '200', 'pods', 3)) };
  expect(overviewOf(before, now)).toMatchObject({
    ...{ requestsPerSecond: 3, verbs: [['GET', 3]] },
    ...{
      memoryBytes: undefined,
      cpu: undefined,
      readUnitsPerSecond: undefined,
      writeUnitsPerSecond: undefined,
      dollarsPerMonth: undefined,
    },
  });
  expect(overviewOf(now, now)).toMatchObject({ requestsPerSecond: 0, verbs: [], p99Seconds: undefined });
});

test('labels survive escaping', () => {
  const text = 'x{a="q\\"\\\\n",b="1\\n2",c=""} 3\nno sample\ny +Inf\n';
  expect(parseMetrics(text)).toEqual(
    new Map([
      ['x', [{ labels: { a: 'q"\\n', b: '1\n2', c: '' }, value: 3 }]],
      ['y', [{ labels: {}, value: Number.POSITIVE_INFINITY }]],
    ]),
  );
});

test.each([
  [formatNumber(0), '0'],
  [formatNumber(0.0123), '0.012'],
  [formatNumber(2.456), '2.46'],
  [formatNumber(1234.5), '1,235'],
  [formatSeconds(undefined), '–'],
  [formatSeconds(0.0042), '4.2 ms'],
  [formatSeconds(2.5), '2.5 s'],
  [formatBytes(0), '0 B'],
  [formatBytes(1536), '1.5 KiB'],
  [formatBytes(163_577_856), '156 MiB'],
  [formatDollars(0), '$0.00'],
  [formatDollars(0.001), '< $0.01'],
  [formatDollars(1234.5), '$1,234.50'],
  [formatAge(-5), '0s'],
  [formatAge(119_000), '119s'],
  [formatAge(3_600_000), '60m'],
  [formatAge(3 * 3_600_000), '3h'],
  [formatAge(12 * 86_400_000), '12d'],
])('%s is %s', (text, expected) => {
  expect(text).toBe(expected);
});
