/** One object's write, before and after it has a revision. */

import { ownBytes } from '../../util/own-bytes.ts';
import { ownText } from '../../util/own-text.ts';
import { StoredState } from '../stored-state.ts';
import type { Attribute, Item, ItemKey, Write } from './dynamodb-table.ts';
import { pack, packImages, split } from './images.ts';
import {
  encodePart,
  encodeRevision,
  logOf,
  objectsOf,
  partsOf,
  type ResourceContext,
  ttlSeconds,
} from './layout.ts';
import { type Change, ENTRY_TYPES } from './revision-log.ts';
import { seal } from './sealed.ts';

export interface Intent<T> {
  readonly key: string;
  /** The state it replaces; unset: there is none, and this is a create. */
  readonly before: StoredState<T> | undefined;
  /** The new state's bytes; unset: a delete. */
  readonly bytes: Uint8Array | undefined;
  readonly expiresAt?: number | undefined;
  /** The deleted state can't be read, so the log has no image of it. */
  readonly isUnreadable?: boolean;
}

export interface Draft<T> {
  /**
   * The first is conditional on the object, the second on the revision being a hole. The rest are parts: only this
   * process writes those, so they need no condition.
   */
  readonly writes: readonly [Write, Write, ...Write[]];
  readonly change: Change<T>;
}

/** Everything that `intent` writes at `revision`, in one transaction. */
export async function draft<T>(
  context: ResourceContext<T>,
  intent: Intent<T>,
  { revision, allocatedAt }: { revision: number; allocatedAt: number },
): Promise<Draft<T>> {
  const { config, clock, protocol, writer } = context;
  const { before, expiresAt } = intent;
  const key = ownText(intent.key);
  const { resourcePrefix } = config;
  const bytes =
    intent.bytes === undefined
      ? undefined
      : ownBytes(config.codec.rewriteResourceVersion(intent.bytes, revision));
  const logTTL = ttlSeconds(clock.now() + protocol.logTTLMs);
  const { packFrom, partBytes } = protocol;
  const kept = intent.isUnreadable ? undefined : before;
  const packedImages = await packImages({ after: bytes, before: kept?.bytes }, packFrom);
  const images = split(await seal(context, key, packedImages), partBytes);
  const { object, parts } = await objectItems(context, { key, revision, bytes, expiresAt });
  const imageParts = images.length > 1 ? images : [];
  const kind = bytes === undefined ? 'delete' : 'put';
  const entry = itemOf(
    { pk: logOf(resourcePrefix), sk: encodeRevision(revision) },
    {
      y: ENTRY_TYPES[kind],
      k: key,
      p: before?.resourceVersion ?? 0,
      t: allocatedAt,
      w: writer,
      ttl: logTTL,
      d: imageParts.length > 0 ? undefined : images[0],
      m: imageParts.length || undefined,
      n: parts.length || undefined,
      exp: expiresAt,
    },
  );
  const dropped = Array.from({ length: before?.parts ?? 0 }, (_, part) => part);
  const after =
    bytes === undefined
      ? undefined
      : new StoredState(config, { key, resourceVersion: revision, bytes, expiresAt, parts: parts.length });
  return {
    writes: [
      {
        put: object,
        condition:
          before === undefined
            ? { kind: 'absentOrDeadBefore', rv: revision }
            : { kind: 'revision', rv: before.resourceVersion },
      },
      { put: entry, condition: { kind: 'absent' } },
      ...parts.map((put) => ({ put })),
      ...imageParts.map((d, part) => ({
        put: { pk: logOf(resourcePrefix), sk: encodePart(revision, part), d, ttl: logTTL },
      })),
      ...dropped.map((part) => ({
        delete: { pk: partsOf(resourcePrefix), sk: encodePart(before!.resourceVersion, part) },
      })),
    ],
    change: { revision, kind, key, allocatedAt, after, before: kept },
  };
}

/** The item for a state, or a tombstone if there are no bytes; and the parts that an item can't hold. */
export async function objectItems<T>(
  context: ResourceContext<T>,
  {
    key,
    revision,
    bytes,
    expiresAt,
  }: Pick<Intent<T>, 'key' | 'bytes' | 'expiresAt'> & { readonly revision: number },
): Promise<{ readonly object: Item; readonly parts: readonly Item[] }> {
  const { config, clock, protocol } = context;
  const { resourcePrefix } = config;
  const at = { pk: objectsOf(resourcePrefix), sk: key };
  if (bytes === undefined) {
    const ttl = ttlSeconds(clock.now() + protocol.tombstoneTTLMs);
    return { object: itemOf(at, { rv: revision, del: true, ttl }), parts: [] };
  }
  const values = split(await seal(context, key, await pack(bytes, protocol.packFrom)), protocol.partBytes);
  const isWhole = values.length === 1;
  return {
    object: itemOf(at, {
      rv: revision,
      d: isWhole ? values[0] : undefined,
      n: isWhole ? undefined : values.length,
      exp: expiresAt,
    }),
    parts: isWhole
      ? []
      : values.map((d, part) => ({ pk: partsOf(resourcePrefix), sk: encodePart(revision, part), d })),
  };
}

function itemOf(key: ItemKey, attributes: Readonly<Record<string, Attribute | undefined>>): Item {
  const item: Record<string, Attribute> = { ...key };
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) item[name] = value;
  }
  return item as Item;
}

/** Whether the entry that blocks a draft is the draft's own: its transaction succeeded, but the response was lost. */
export function isOwn({ writer }: { readonly writer: string }, entry: Item | undefined): boolean {
  return entry?.['w'] === writer && (entry['y'] === ENTRY_TYPES.put || entry['y'] === ENTRY_TYPES.delete);
}
