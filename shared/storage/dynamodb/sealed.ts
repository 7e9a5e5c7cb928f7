/** Values at rest: packed, then transformed by the resource's transformer, in one item or in parts. */

import { StorageError } from '../errors.ts';
import { decodePart, encodePart, encodeRevision, type ResourceContext } from './layout.ts';
import { queryItems } from './query-items.ts';

/** A value that was read, or the reason it can't be: kept beside it so that one bad value doesn't affect others. */
export interface Opened<V> {
  readonly value?: V;
  readonly stale?: boolean;
  readonly corrupt?: StorageError;
}

export async function seal<T>(
  { config }: ResourceContext<T>,
  key: string,
  packed: Uint8Array,
): Promise<Uint8Array> {
  if (config.transformer === undefined) return packed;
  const path = `${config.resourcePrefix}/${key}`;
  try {
    return await config.transformer.toStorage(packed, path);
  } catch (cause) {
    throw new StorageError('Internal', `unable to transform key ${JSON.stringify(path)}: ${reason(cause)}`, {
      key,
      cause,
    });
  }
}

export async function open<T, V>(
  { config }: ResourceContext<T>,
  key: string,
  { stored, read }: { stored: Uint8Array; read: (packed: Uint8Array) => V },
): Promise<Opened<V>> {
  const path = `${config.resourcePrefix}/${key}`;
  try {
    if (config.transformer === undefined) {
      if (isEncrypted(stored)) throw new Error(NO_KEYS);
      return { value: read(stored) };
    }
    const { plain, stale } = await config.transformer.fromStorage(stored, path);
    return { value: read(plain), stale };
  } catch (cause) {
    const message = `unable to transform key ${JSON.stringify(path)}: ${reason(cause)}`;
    return { corrupt: new StorageError('CorruptObject', message, { key, cause }) };
  }
}

/** Joins the parts of one revision; undefined while some are missing. */
export async function readParts<T>(
  context: ResourceContext<T>,
  { pk, revision, count }: { pk: string; revision: number; count: number },
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  const range = { from: encodePart(revision, 0), to: `${encodeRevision(revision)}#~` };
  for await (const { sk, d } of queryItems(context.table, { pk, ...range, consistent: true }, context)) {
    parts[decodePart(sk)!] = d as Uint8Array;
  }
  return joinParts(parts, count);
}

export function joinParts(parts: readonly Uint8Array[], count: number): Uint8Array | undefined {
  const there = parts.filter((part) => part !== undefined);
  return count > 0 && there.length === count ? Buffer.concat(there) : undefined;
}

/** Parts may become visible after the item that refers to them: pauses before a retry, or gives up. */
export async function pauseForParts<T>(
  { clock }: ResourceContext<T>,
  what: string,
  attempt: number,
): Promise<void> {
  if (attempt >= 20) throw new StorageError('CorruptObject', `parts of ${what} are missing`);
  await clock.sleep(Math.min(10 * 2 ** attempt, 500));
}

/** Prefix of encrypted values, as in kube-apiserver; packed values never start with it. */
const ENCRYPTED = Buffer.from('k8s:enc:');
/** Whether encryption at rest wrote the value. */
export const isEncrypted = (stored: Uint8Array): boolean =>
  stored[0] === ENCRYPTED[0] && ENCRYPTED.equals(stored.subarray(0, ENCRYPTED.length));
const NO_KEYS =
  'it is encrypted, and --encryption-provider-config, which has its keys, is missing or does not include this resource';

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
