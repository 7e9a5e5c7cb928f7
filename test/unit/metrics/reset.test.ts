import { expect, test } from 'vitest';
import { MetricsRegistry } from '../../../shared/metrics/metrics-registry.ts';

test('counters restart, gauges are kept', () => {
  const registry = new MetricsRegistry();
  const counter = registry.counter({ name: 'a_total', labels: [] });
  const gauge = registry.gauge({ name: 'b', labels: [] });
  const histogram = registry.histogram({ name: 'c', labels: [], buckets: [1] });
  const observe = histogram.observer([]);
  const adder = counter.adder([]);
  adder();
  gauge.set([], 2);
  observe(1);
  registry.reset();
  expect(registry.text()).toBe('# TYPE b gauge\nb 2\n');
  adder();
  observe(1);
  expect(registry.text()).toBe(
    '# TYPE a_total counter\na_total 1\n# TYPE b gauge\nb 2\n# TYPE c histogram\nc_bucket{le="1"} 1\nc_bucket{le="+Inf"} 1\nc_sum 1\nc_count 1\n',
  );
});
