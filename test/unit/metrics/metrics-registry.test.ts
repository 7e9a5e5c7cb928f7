import { expect, test } from 'vitest';
import { exponentialBuckets } from '../../../shared/metrics/buckets.ts';
import { MetricsRegistry } from '../../../shared/metrics/metrics-registry.ts';

test("families in Prometheus' text format, sorted by name, without empty ones", () => {
  const registry = new MetricsRegistry();
  const seconds = registry.histogram({ name: 'seconds', labels: ['verb'], buckets: [0.1, 1] });
  const requests = registry.counter({ name: 'requests_total', labels: ['code', 'path'] });
  registry.counter({ name: 'never_total', labels: [] });
  const open = registry.gauge({ name: 'open', labels: [] });
  registry.onCollect(() => open.set([], 7));
  const [got, put] = [seconds.observer(['GET']), seconds.observer(['PUT'])];
  got(0.05);
  for (const value of [0.1, 0.5, 3]) seconds.observe(['GET'], value);
  expect(requests.add(['200', '/'])).toBe(1);
  expect(requests.add(['200', '/'], 2)).toBe(3);
  requests.add(['200', '/'], 1_234_567);
  requests.add(['404', 'a"b\\c\nd']);
  expect(registry.text({ open: 'Connections.', seconds: 'Time.' })).toBe(
    [
      '# HELP open Connections.',
      '# TYPE open gauge',
      'open 7',
      '# TYPE requests_total counter',
      'requests_total{code="200",path="/"} 1.23457e+06',
      'requests_total{code="404",path="a\\"b\\\\c\\nd"} 1',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{verb="GET",le="0.1"} 2',
      'seconds_bucket{verb="GET",le="1"} 3',
      'seconds_bucket{verb="GET",le="+Inf"} 4',
      'seconds_sum{verb="GET"} 3.65',
      'seconds_count{verb="GET"} 4',
      '',
    ].join('\n'),
  );
  put(1);
  expect(registry.text({}).split('\n').slice(-6)).toEqual([
    'seconds_bucket{verb="PUT",le="0.1"} 0',
    'seconds_bucket{verb="PUT",le="1"} 1',
    'seconds_bucket{verb="PUT",le="+Inf"} 1',
    'seconds_sum{verb="PUT"} 1',
    'seconds_count{verb="PUT"} 1',
    '',
  ]);
  expect(() => registry.gauge({ name: 'open', labels: [] })).toThrow('metric open was registered twice');
});

test('buckets grow by a factor', () => {
  expect(exponentialBuckets(0.001, 2, 5)).toEqual([0.001, 0.002, 0.004, 0.008, 0.016]);
});

test('disabled families and label values are left out', () => {
  const registry = new MetricsRegistry({
    disabled: ['hidden_total'],
    allowedLabels: new Map([
      ['requests_total,code', '200,404'],
      ['seconds,verb', 'GET'],
    ]),
  });
  registry.counter({ name: 'hidden_total', labels: [] }).add([]);
  const requests = registry.counter({ name: 'requests_total', labels: ['code', 'path'] });
  for (const code of ['200', '418', '503']) requests.add([code, '/']);
  requests.adder(['500', '/'])();
  const seconds = registry.histogram({ name: 'seconds', labels: ['verb'], buckets: [1] });
  for (const verb of ['GET', 'BREW', 'STEEP']) seconds.observer([verb])(0.5);
  expect(registry.text()).toBe(
    [
      '# TYPE requests_total counter',
      'requests_total{code="200",path="/"} 1',
      'requests_total{code="unexpected",path="/"} 3',
      '# TYPE seconds histogram',
      'seconds_bucket{verb="GET",le="1"} 1',
      'seconds_bucket{verb="GET",le="+Inf"} 1',
      'seconds_sum{verb="GET"} 0.5',
      'seconds_count{verb="GET"} 1',
      'seconds_bucket{verb="unexpected",le="1"} 2',
      'seconds_bucket{verb="unexpected",le="+Inf"} 2',
      'seconds_sum{verb="unexpected"} 1',
      'seconds_count{verb="unexpected"} 2',
      '',
    ].join('\n'),
  );
});
