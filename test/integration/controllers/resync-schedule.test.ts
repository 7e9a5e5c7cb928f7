/** The work of the controllers function on its schedule, and its cost. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../fixtures/api-server.ts';
import { SparseHost } from '../../fixtures/sparse-host.ts';

let host: SparseHost;
beforeAll(async () => {
  host = await SparseHost.open({ eventTTLSeconds: 1 });
  await host.settle();
}, 120_000);
afterAll(() => host.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const EVENTS = '/api/v1/namespaces/default/events';

/** The cost of the scheduled run of a new function an hour later. */
async function anHour() {
  host.passHours(1);
  const { control, cost } = await host.environment();
  await cost();
  await control('clock');
  return cost();
}

/** Whether all resources were examined. */
const looked = ({ calls }: { calls: number }) => calls > 10;

test('an idle hour costs two reads', async () => {
  const hours = [await anHour(), await anHour()];
  const twoReads = { calls: 2, readUnits: 1.5, writeUnits: 0 };
  expect(hours.map(({ calls, readUnits, writeUnits }) => ({ calls, readUnits, writeUnits }))).toEqual([
    twoReads,
    twoReads,
  ]);
});

test('after writes everything is examined, even if no event was processed', async () => {
  const { server } = await host.environment();
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  expect((await call(server, 'POST', MAPS, { body: object })).status).toBe(201);
  const records = await host.records();
  expect(records.length).toBe(1);
  await (await host.environment()).control(records);
  const hours = [await anHour(), await anHour(), await anHour()];
  expect(hours.map(looked)).toEqual([true, false, false]);
});

test('expired events are swept', async () => {
  const { server } = await host.environment();
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'a', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'Told',
    message: 'once',
  };
  expect((await call(server, 'POST', EVENTS, { body: event })).status).toBe(201);
  await host.records();
  expect(looked(await anHour())).toBe(true);
  await expect
    .poll(async () => ((await call(server, 'GET', EVENTS)).json as { items: unknown[] }).items)
    .toEqual([]);
  await anHour();
  const swept = (await host.records()).map(({ dynamodb }) => dynamodb.NewImage['y']?.S);
  expect(swept).toEqual(['d']);
  await anHour();
  expect(looked(await anHour())).toBe(false);
}, 60_000);
