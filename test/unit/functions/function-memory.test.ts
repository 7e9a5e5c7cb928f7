import { expect, test } from 'vitest';
import { FunctionMemory } from '../../../functions/adapter/function-memory.ts';

const MEGABYTE = 1024 * 1024;

/** A function of 512 MB, of which `held` are used, and some of them by nobody. */
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
  'Request entity too large: not enough memory in a function of 512 MB; ask for less, with limit and continue, or raise MemorySize';

test.each([
  ['a small answer', holding(100), 1, 0, 'room'],
  ['an answer that fits', holding(100), 180, 0, 'room'],
  ['an answer that would not', holding(100), 181, 0, REFUSED],
  ['an object that fits', holding(100), 0, 15, 'room'],
  ['an object that would not', holding(100), 0, 16, REFUSED],
  ['nothing more, in a function that is full', holding(470), 0, 0, REFUSED],
  ['nothing more, where some of that is nobody\u2019s', holding(470, 200), 0, 0, 'room'],
  ['an answer that fits once the rest is given back', holding(400, 200), 100, 0, 'room'],
  ['any, in a host that does not say how large it is', holding(10_000, 0, 0), 10_000, 0, 'room'],
])('room for %s', (_, memory, bytes, objectBytes, expected) => {
  expect(outcome(memory, bytes, objectBytes)).toBe(expected);
});

test.each([
  [380, false],
  [390, true],
])('what is kept for later goes, with %i of 512 MB in use: %s', (held, expected) => {
  expect(holding(held).isShort).toBe(expected);
});

test('garbage is given back', () => {
  let made: object | undefined = { bytes: new Uint8Array(64 * MEGABYTE).fill(1) };
  const weak = new WeakRef(made);
  made = undefined;
  const before = process.memoryUsage.rss();
  // Asked for more than there is, it looks again after it has collected.
  new FunctionMemory(before / MEGABYTE / 2).hasRoom(0);
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      new FunctionMemory(before / MEGABYTE / 2).hasRoom(0);
      expect(weak.deref()).toBeUndefined();
      resolve();
    });
  });
});
