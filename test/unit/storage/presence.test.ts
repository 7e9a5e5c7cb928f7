import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Heartbeat, Presence } from '../../../shared/storage/presence.ts';
import { recordConfig } from '../../../shared/storage/record-config.ts';
import type { StorageFactory } from '../../../shared/storage/storage.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const PATIENCE_MS = 15_000;

let factory: StorageFactory;
beforeAll(async () => {
  factory = await newTestStorageFactory();
});
afterAll(() => factory.close());

test("a silent process counts as gone by the observer's clock, and may return", async () => {
  const storage = factory.storageFor(recordConfig<Heartbeat>('/presence/test'));
  const clocks = [new HandClock(), new HandClock()];
  const [one, two] = clocks.map((clock) => new Presence(storage, clock, PATIENCE_MS));
  const [clock] = clocks;
  expect(await one!.beat('192.0.2.1')).toEqual(['192.0.2.1']);
  expect(await two!.beat('192.0.2.2')).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(await one!.beat('192.0.2.1')).toEqual(['192.0.2.1', '192.0.2.2']);
  clock!.advance(PATIENCE_MS - 1);
  expect(await one!.beat('192.0.2.1')).toEqual(['192.0.2.1', '192.0.2.2']);
  clock!.advance(1);
  expect(await one!.beat('192.0.2.1')).toEqual(['192.0.2.1']);
  expect((await storage.snapshot(0)).items.map(({ key }) => key)).toEqual(['192.0.2.1']);
  expect(await two!.beat('192.0.2.2')).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(await one!.beat('192.0.2.1')).toEqual(['192.0.2.1', '192.0.2.2']);
});
