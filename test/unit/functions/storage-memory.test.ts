import { expect, test } from 'vitest';
import { loadedTenants, storageMemory } from '../../../functions/adapter/storage-memory.ts';

const MEGABYTE = 1024 * 1024;
const inMegabytes = (megabytes: number | undefined) =>
  Object.values(storageMemory(megabytes)).map((bytes) => Math.round((100 * bytes!) / MEGABYTE) / 100);

test.each([
  ['of 128 MB', 128, [4, 4, 0.25]],
  ['of 256 MB', 256, [22.4, 5.12, 0.32]],
  ['of 512 MB', 512, [112, 25.6, 1.6]],
  ['of 1 GB', 1024, [256, 64, 4]],
  ['of 10 GB', 10_240, [256, 64, 4]],
  ['of unknown size', undefined, [256, 64, 4]],
])('a function %s limits objects, encodings and changes', (_, megabytes, expected) => {
  expect(inMegabytes(megabytes)).toEqual(expected);
});

test.each([
  [256, 4],
  [512, 22],
  [1024, 50],
  [10_240, 50],
  [undefined, 50],
])('a fleet’s function of %s MB holds %i tenants', (megabytes, expected) => {
  expect(loadedTenants(megabytes)).toBe(expected);
});
