/**
 * A list of a resource beyond the process's memory is rejected, and its pages are served. Stored compressed, the
 * resource is small.
 */

import { expect, test } from 'vitest';
import { newStorageMemory } from '../../../shared/storage/dynamodb/storage-memory.ts';
import { newResource, pod } from '../../conformance/storage/harness.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const MEGABYTE = 1024 * 1024;
const OBJECTS = 36;

test('a list that exceeds memory is rejected before it is read completely', async () => {
  let room = Number.POSITIVE_INFINITY;
  const memory = newStorageMemory(0, 0, (bytes) => bytes <= room);
  const factory = await newTestStorageFactory({ memory });
  const config = newResource();
  const storage = factory.storageFor(config);
  for (let n = 0; n < OBJECTS; n++)
    await storage.create(`a/${n}`, pod(`a/${n}`, { labels: { filling: 'x'.repeat(MEGABYTE) } }));

  expect((await storage.list({ prefix: '' })).items.length).toBe(OBJECTS);
  room = 31 * MEGABYTE;
  const refusal = {
    code: 'ObjectTooLarge',
    message: `not enough memory for all objects requested of ${config.resourcePrefix}; request fewer, with limit and continue`,
  };
  await expect(storage.list({ prefix: '' })).rejects.toMatchObject(refusal);
  await expect(storage.snapshot(0)).rejects.toMatchObject(refusal);
  let left = '';
  let read = 0;
  do {
    const page = await storage.list({ prefix: '', limit: 10, continue: left });
    read += page.items.length;
    left = page.continue;
  } while (left !== '');
  expect(read).toBe(OBJECTS);
  await factory.close();
}, 60_000);
