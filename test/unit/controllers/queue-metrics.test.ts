import { expect, test } from 'vitest';
import type { Controller } from '../../../shared/controllers/controller.ts';
import { ControllerManager } from '../../../shared/controllers/controller-manager.ts';
import { QueueMetrics } from '../../../shared/controllers/queue-metrics.ts';
import { MetricsRegistry } from '../../../shared/metrics/metrics-registry.ts';

test("a controller's queue: additions, depth, retries and durations", async () => {
  const registry = new MetricsRegistry();
  const seen: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const controller: Controller = {
    name: 'made-up-controller',
    keysFor: ({ name }) => [name],
    allKeys: async () => ['fails', 'later', 'fine-1', 'fine-2', 'waits'],
    async reconcile(key) {
      seen.push(key);
      await gate;
      if (key === 'fails') throw new Error('not yet');
      return key === 'later' ? 60_000 : undefined;
    },
  };
  const manager = new ControllerManager({ controllers: [controller], metrics: new QueueMetrics(registry) });
  const samples = (pattern: RegExp) =>
    registry
      .text()
      .split('\n')
      .filter((line) => pattern.test(line));
  const label = '{name="made-up-controller"}';

  await manager.resync();
  await expect.poll(() => seen.length).toBe(4);
  expect(samples(/^workqueue_(?:depth|adds_total|work_duration_seconds_count)/)).toEqual([
    `workqueue_adds_total${label} 5`,
    `workqueue_depth${label} 1`,
  ]);
  const [longest] = samples(/^workqueue_longest_running/).map((line) => Number(line.split(' ')[1]));
  const [unfinished] = samples(/^workqueue_unfinished/).map((line) => Number(line.split(' ')[1]));
  expect(longest).toBeGreaterThan(0);
  expect(unfinished).toBeGreaterThanOrEqual(longest!);

  open();
  await manager.idle();
  await manager.stop();
  expect(samples(/^workqueue_(?!.*_(?:bucket|sum))/)).toEqual([
    `workqueue_adds_total${label} 5`,
    `workqueue_depth${label} 0`,
    `workqueue_longest_running_processor_seconds${label} 0`,
    `workqueue_queue_duration_seconds_count${label} 5`,
    `workqueue_retries_total${label} 2`,
    `workqueue_unfinished_work_seconds${label} 0`,
    `workqueue_work_duration_seconds_count${label} 5`,
  ]);
});
