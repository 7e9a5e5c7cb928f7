import { expect, test } from 'vitest';
import { breathe } from '../../../shared/util/breathe.ts';
import { deepCopy, deepCopyInPieces } from '../../../shared/util/deep-copy.ts';
import fc from '../../fixtures/fuzz.ts';

const copies: readonly (readonly [string, (object: object) => unknown])[] = [
  ['at once', deepCopy],
  ['in pieces', deepCopyInPieces],
];

const VALUES = [fc.string(), fc.integer(), fc.bigInt(), fc.constant(null), fc.uint8Array()];

test.each(copies)('a copy made %s equals the original and shares nothing with it', async (_, copy) => {
  await fc.assert(
    fc.asyncProperty(fc.object({ maxDepth: 4, values: VALUES }), async (object) => {
      const made = await copy(object);
      expect(made).toEqual(object);
      expect(sharedContainers(made, object)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test.each(copies)('a key that names the prototype is data in a copy made %s', async (_, copy) => {
  const made = await copy(JSON.parse('{"__proto__":{"a":1},"list":[{"__proto__":2}]}'));
  expect(JSON.stringify(made)).toBe('{"__proto__":{"a":1},"list":[{"__proto__":2}]}');
});

const items = (length: number, item: (i: number) => unknown) => Array.from({ length }, (_, i) => item(i));

test.each<[string, unknown]>([
  ['one long list', items(2_000, () => ({}))],
  ['a list in a list', { b: [items(2_000, () => 1)] }],
  ['a bush', items(40, () => items(40, () => [1, 2]))],
])('other work runs while %s is copied', async (_, rest) => {
  const seen: string[] = [];
  // Reading it holds the event loop for long.
  const slow = Object.defineProperty({}, 'a', {
    enumerable: true,
    get: () => {
      for (const end = performance.now() + 30; performance.now() < end; );
      return 1;
    },
  });
  await breathe();
  setImmediate(() => seen.push('somebody else'));
  await deepCopyInPieces({ slow, rest });
  seen.push('copied');
  expect(seen).toEqual(['somebody else', 'copied']);
});

function sharedContainers(a: unknown, b: unknown): unknown[] {
  if (typeof a !== 'object' || a === null) return [];
  if (a === b) return [a];
  return Object.entries(a).flatMap(([key, value]) =>
    sharedContainers(value, (b as Record<string, unknown>)[key]),
  );
}
