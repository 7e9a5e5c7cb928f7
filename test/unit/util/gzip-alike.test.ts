import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipAlike, piecesOf } from '../../../shared/util/gzip-alike.ts';
import { joinBytes } from '../../../shared/util/join-bytes.ts';

/** Similar objects, each with some unique content. */
function objectOf(index: number, version = 1): Buffer {
  const uid = createHash('md5').update(`${index} ${version}`).digest('hex');
  const filler = 'what all of them have '.repeat(100);
  return Buffer.from(`{"metadata":{"name":"object-${index}","uid":"${uid}"},"spec":{"text":"${filler}"}}`);
}

const COMMA = Buffer.from(',');
const OBJECTS = Array.from({ length: 600 }, (_, index) => objectOf(index));
const listOf = (objects: readonly Uint8Array[]): Promise<Uint8Array> =>
  joinBytes(objects.flatMap((object) => [object, COMMA]));
const textsOf = (pieces: readonly Uint8Array[]): string[] =>
  pieces.map((piece) => Buffer.from(piece).toString('latin1'));

test.each([
  ['nothing', () => new Uint8Array()],
  ['a byte', () => Uint8Array.of(7)],
  ['bytes in several pieces', () => Buffer.alloc(700_000, 'not joined ')],
  ['a piece larger than the limit', () => joinBytes([COMMA, Buffer.alloc(900_000, 'large '), COMMA])],
  ['a list', () => listOf(OBJECTS)],
  ['the same list', () => listOf(OBJECTS)],
  ['a list with one different object', () => listOf(OBJECTS.with(300, objectOf(300, 2)))],
  ['more bytes than are kept', () => Buffer.alloc(13_000_000, 'much ')],
])('%s survives a round trip', async (_, make) => {
  const body = await make();
  expect(Buffer.compare(gunzipSync(await gzipAlike(body)), body)).toBe(0);
});

test.each([
  ['changes', OBJECTS.with(300, objectOf(300, 2))],
  ['goes', OBJECTS.toSpliced(300, 1)],
  ['comes', OBJECTS.toSpliced(300, 0, objectOf(1_000))],
  ['is prepended', [objectOf(1_000), ...OBJECTS]],
])('if one object %s, nearly all pieces are unchanged', async (_, objects) => {
  const before = textsOf(piecesOf(await listOf(OBJECTS)));
  const after = textsOf(piecesOf(await listOf(objects)));
  const others = after.filter((piece) => !before.includes(piece));
  expect(before.length).toBeGreaterThan(8);
  expect(others.length).toBeLessThanOrEqual(3);
});

test('pieces join to the original, and none is large', async () => {
  const body = await listOf(OBJECTS);
  const pieces = piecesOf(body);
  expect(Buffer.compare(Buffer.concat(pieces), body)).toBe(0);
  expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(256 * 1024);
});
