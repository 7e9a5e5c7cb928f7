import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipPieces } from '../../../shared/util/gzip.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';

test('any pieces decompress to their concatenation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), async (pieces) => {
      // A single member: readers that stop after the first see everything.
      expect(Buffer.compare(gunzipSync(await gzipPieces(pieces)), Buffer.concat(pieces))).toBe(0);
    }),
    { numRuns: fuzzRuns(50) },
  );
});

test('a repeated piece is not compressed again', async () => {
  const stays = Buffer.from('a piece that stays '.repeat(100));
  const [first, second] = await Promise.all([
    gzipPieces([stays, Buffer.from('1')]),
    gzipPieces([stays, Buffer.from('2')]),
  ]);
  expect(gunzipSync(first).toString()).toBe(`${stays}1`);
  expect(gunzipSync(second).toString()).toBe(`${stays}2`);
});
