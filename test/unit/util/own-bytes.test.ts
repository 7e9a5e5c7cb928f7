import { expect, test } from 'vitest';
import { draft } from '../../../shared/storage/dynamodb/intent.ts';
import type { ResourceContext } from '../../../shared/storage/dynamodb/layout.ts';
import { ObjectRows } from '../../../shared/storage/dynamodb/object-rows.ts';
import { DEFAULT_PROTOCOL } from '../../../shared/storage/dynamodb/protocol.ts';
import type { StoredState } from '../../../shared/storage/stored-state.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { ownBytes } from '../../../shared/util/own-bytes.ts';

const TEXT = 'x'.repeat(300);

test.each<[string, Uint8Array, boolean]>([
  ['a small Buffer in a shared block', Buffer.from(TEXT), true],
  ['a part of a larger buffer', new Uint8Array(10_000).fill(120, 500, 800).subarray(500, 800), true],
  ['a buffer of its own', new Uint8Array(300).fill(120), false],
  ['most of a buffer', new Uint8Array(301).fill(120).subarray(1), false],
])('%s', (_, bytes, isCopied) => {
  const own = ownBytes(bytes);
  expect([own !== bytes, Buffer.from(own).toString(), own.buffer.byteLength - 300 < 2]).toEqual([
    isCopied,
    TEXT,
    true,
  ]);
});

const codec = { rewriteResourceVersion: (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('}')]) };
const context = {
  config: { resourcePrefix: '/registry/things', codec },
  clock: systemClock,
  protocol: DEFAULT_PROTOCOL,
  writer: 'w',
} as unknown as ResourceContext<unknown>;

test.each<[string, () => Promise<StoredState<unknown> | undefined>]>([
  [
    'written',
    async () => {
      const intent = { key: 'a', before: undefined, bytes: Buffer.from('{') };
      return (await draft(context, intent, { revision: 2, allocatedAt: 1 })).change.after;
    },
  ],
  [
    'read',
    async () => {
      const item = { pk: '/registry/things', sk: 'a', rv: 2, d: Buffer.from('\0{}') };
      return (await new ObjectRows(context).decode(item))?.state;
    },
  ],
])('bytes that were %s stay in memory without their neighbours', async (_, stateOf) => {
  const { bytes } = (await stateOf())!;
  expect([Buffer.from(bytes).toString(), bytes.buffer.byteLength]).toEqual(['{}', 2]);
});
