import { expect, test } from 'vitest';
import { compareKeys } from '../../../shared/storage/dynamodb/compare-keys.ts';
import { pack, packImages, split, unpack, unpackImages } from '../../../shared/storage/dynamodb/images.ts';
import fc from '../../fixtures/fuzz.ts';

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
  fc.nat({ max: 50_000 }).map((length) => new Uint8Array(length + 1).fill(length)),
);
const packFrom = fc.constantFrom(0, 800, Number.POSITIVE_INFINITY);

test('packing is reversible', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, packFrom, async (value, from) => {
      expect([...unpack(await pack(value, from))]).toEqual([...value]);
    }),
  );
});

test('images survive a round trip, absent ones included', async () => {
  const image = fc.option(bytes, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(image, image, packFrom, async (after, before, from) => {
      const images = unpackImages(await packImages({ after, before }, from));
      expect([images.after && [...images.after], images.before && [...images.before]]).toEqual([
        after && [...after],
        before && [...before],
      ]);
    }),
  );
});

test('split parts can be joined', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 500 }), (value, size) => {
      const parts = split(value, size);
      expect(parts.every((part) => part.length <= size)).toBe(true);
      expect([...Buffer.concat(parts)]).toEqual([...value]);
    }),
  );
});

test('keys are in the order of their UTF-8 bytes', () => {
  const key = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
