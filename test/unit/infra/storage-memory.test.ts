import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { localStorageMemory, machineMemory, objectBytes } from '../../../infra/local/storage-memory.ts';

const MB = 1024 * 1024;

test.each([
  [512, 256],
  [2_048, 256],
  [4_096, 512],
  [8_192, 1_024],
  [65_536, 1_024],
])('on a machine of %i MB objects may use %i MB', (machine, memory) => {
  expect(objectBytes(machine * MB)).toBe(memory * MB);
});

test("storage is limited by this machine's memory", () => {
  expect(localStorageMemory().objects.limit).toBe(objectBytes(machineMemory()));
});

test("a machine's limit is its memory", () => {
  expect(machineMemory()).toBeGreaterThan(0);
  expect(machineMemory()).toBeLessThanOrEqual(totalmem());
});
