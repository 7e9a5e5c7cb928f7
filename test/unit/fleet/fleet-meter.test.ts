import { expect, test } from 'vitest';
import { FleetMeter } from '../../../shared/fleet/fleet-meter.ts';
import { NO_USAGE, type TenantUsage } from '../../../shared/fleet/tenant-usage.ts';

test('reports active tenants once a minute, and sums up where possible', async () => {
  let now = 0;
  const told: unknown[] = [];
  const added: [string, TenantUsage][] = [];
  const failed: string[] = [];
  const meter = new FleetMeter({
    now: () => now,
    rows: {
      async add(id, usage) {
        if (id === 'broken.1') throw new Error('throttled');
        added.push([id, usage]);
      },
    },
    report: (...line) => told.push(line),
    logger: { error: (message) => failed.push(message) },
  });
  meter.usage.refused('acme.1');
  meter.usage.capacity('broken.1', 'get', 0.6);
  now = 59_000;
  await meter.flush();
  expect(told).toEqual([]);
  now = 61_000;
  await meter.flush();
  await meter.flush();
  expect(told).toEqual([
    ['acme', { ...NO_USAGE, refused: 1 }, 61],
    ['broken', { ...NO_USAGE, readUnits: 1 }, 61],
  ]);
  expect(added).toEqual([['acme.1', { ...NO_USAGE, refused: 1 }]]);
  expect(failed).toEqual(["the usage of control plane broken.1 can't be recorded"]);
  meter.usage.refused('acme.1');
  now = 62_000;
  await meter.flush({ atOnce: true });
  expect(told.length).toBe(3);
});
