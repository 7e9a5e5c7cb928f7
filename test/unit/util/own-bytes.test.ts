import { expect, test } from 'vitest';
import { draft } from '../../../shared/storage/dynamodb/intent.ts';
import type { ResourceContext } from '../../../shared/storage/dynamodb/layout.ts';
import { DEFAULT_PROTOCOL } from '../../../shared/storage/dynamodb/protocol.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { ownBytes } from '../../../shared/util/own-bytes.ts';

const TEXT = 'x'.repeat(300);

test.each<[string, Uint8Array, boolean]>([
  ['a small Buffer, which shares a block', Buffer.from(TEXT), true],
  ['a part of something larger', new Uint8Array(10_000).fill(120, 500, 800).subarray(500, 800), true],
  ['what has its memory to itself', new Uint8Array(300).fill(120), false],
  ['all but a few bytes of that', new Uint8Array(301).fill(120).subarray(1), false],
])('%s', (_, bytes, isCopied) => {
  const own = ownBytes(bytes);
  expect([own !== bytes, Buffer.from(own).toString(), own.buffer.byteLength - 300 < 2]).toEqual([
    isCopied,
    TEXT,
    true,
  ]);
});

test('what was written stays in memory without what was made beside it', async () => {
  const codec = { rewriteResourceVersion: (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('}')]) };
  const context = {
    config: { resourcePrefix: '/registry/things', codec },
    clock: systemClock,
    protocol: DEFAULT_PROTOCOL,
    writer: 'w',
  } as unknown as ResourceContext<unknown>;
  const intent = { key: 'a', before: undefined, bytes: Buffer.from('{') };
  const { change } = await draft(context, intent, { revision: 2, allocatedAt: 1 });
  const { bytes } = change.after!;
  expect([Buffer.from(bytes).toString(), bytes.buffer.byteLength]).toEqual(['{}', 2]);
});
