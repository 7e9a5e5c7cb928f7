/**
 * The newest state of each key of an etcd snapshot (`etcdctl snapshot save`), or of a stopped member's `snap/db`
 * (https://github.com/etcd-io/etcd/tree/main/server/storage/mvcc).
 */

import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { BboltFile } from './bbolt.ts';

export interface EtcdValue {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface EtcdSnapshot {
  /** The snapshot's last revision. */
  readonly revision: number;
  /** Below the prefix, in key order. */
  readonly values: readonly EtcdValue[];
}

const DIGEST_BYTES = 32;
const PAGE = 512;
/** A revision's key: eight bytes, `_`, eight bytes, and `t` for a deletion. */
const TOMBSTONE_LENGTH = 18;

/** Throws Error for a truncated or modified snapshot. */
export async function checkSnapshot(path: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Error(`there is no file ${path}`);
  const { size } = found;
  if (size % PAGE !== DIGEST_BYTES) return;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: size - DIGEST_BYTES - 1 }))
    hash.update(chunk as Buffer);
  const digest: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: size - DIGEST_BYTES }))
    digest.push(chunk as Buffer);
  if (!hash.digest().equals(Buffer.concat(digest))) {
    throw new Error('the snapshot was changed: its checksum does not match its contents');
  }
}

/** Throws BboltError for a file that can't be read. */
export function readSnapshot(path: string, prefix: string): EtcdSnapshot {
  const file = new BboltFile(path);
  try {
    const newest = new Map<string, Uint8Array>();
    let revision = 0;
    for (const [id, entry] of file.entries('key')) {
      revision = Math.max(revision, Number(id.readBigUInt64BE(0)));
      const { key, value } = readKeyValue(entry);
      if (!key.startsWith(prefix)) continue;
      // Revisions are sorted: later ones are newer.
      if (id.length === TOMBSTONE_LENGTH) newest.delete(key);
      else newest.set(key, value);
    }
    const values = [...newest].map(([key, value]) => ({ key, value }));
    return { revision, values: values.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  } finally {
    file.close();
  }
}

/** `mvccpb.KeyValue`: key 1, value 5. */
function readKeyValue(bytes: Uint8Array): EtcdValue {
  const reader = protobuf.Reader.create(bytes);
  let key = '';
  let value: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 5) value = Buffer.from(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return { key, value };
}
