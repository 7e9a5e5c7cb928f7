import { expect, test } from 'vitest';
import { FunctionMemory } from '../../../functions/adapter/function-memory.ts';

const MEGABYTE = 1024 * 1024;

/** Memory of a function (512 MB by default) of which `held` MB are used, including `garbage` MB. */
function holding(held: number, garbage = 0, megabytes = 512) {
  let used = held;
  return new FunctionMemory(megabytes, {
    usedBytes: () => used * MEGABYTE,
    collect: () => {
      used = held - garbage;
    },
  });
}

function outcome(memory: FunctionMemory, bytes: number, objectBytes: number): string {
  try {
    memory.claim({ bytes: bytes * MEGABYTE, objectBytes: objectBytes * MEGABYTE });
    return 'room';
  } catch (error) {
    return (error as Error).message;
  }
}

const REFUSED =
  'Request entity too large: not enough memory in a function of 512 MB; request less, with limit and continue, or raise MemorySize';

test.each([
  ['a small response', holding(100), 1, 0, 'room'],
  ['a response that fits', holding(100), 288, 0, 'room'],
  ['a response that does not fit', holding(100), 289, 0, REFUSED],
  ['an object that fits', holding(100), 0, 15, 'room'],
  ['an object that does not fit', holding(100), 0, 16, REFUSED],
  ['zero bytes, in a full function', holding(470), 0, 0, REFUSED],
  ['zero bytes, in a function full of garbage', holding(470, 200), 0, 0, 'room'],
  ['a response that fits after garbage collection', holding(400, 200), 160, 0, 'room'],
  ['any size, on a host of unknown size', holding(10_000, 0, 0), 10_000, 0, 'room'],
])('room for %s', (_, memory, bytes, objectBytes, expected) => {
  expect(outcome(memory, bytes, objectBytes)).toBe(expected);
});

test.each([
  [380, false],
  [390, true],
])('caches are dropped with %i of 512 MB in use: %s', (held, expected) => {
  expect(holding(held).isShort).toBe(expected);
});

test('garbage is collected', () => {
  let made: object | undefined = { bytes: new Uint8Array(64 * MEGABYTE).fill(1) };
  const weak = new WeakRef(made);
  made = undefined;
  const before = process.memoryUsage.rss();
  // If memory is insufficient, it collects garbage and checks again.
  new FunctionMemory(before / MEGABYTE / 2).hasRoom(0);
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      new FunctionMemory(before / MEGABYTE / 2).hasRoom(0);
      expect(weak.deref()).toBeUndefined();
      resolve();
    });
  });
});
