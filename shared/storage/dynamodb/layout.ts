/**
 * Keys of a resource's items. `R` is its storage prefix, such as `/registry/apps/deployments`:
 *
 * | item       | pk        | sk                    |
 * |------------|-----------|-----------------------|
 * | object     | `R`       | `namespace/name`, `name` |
 * | its parts  | `R#parts` | revision`#`part       |
 * | log entry  | `R#log`   | revision              |
 * | its parts  | `R#log`   | revision`#`part       |
 * | head       | `R#head`  | `-`                   |
 *
 * In tables created that way, heads of resources that servers follow are in a shared partition (`Heads`): their key is
 * `HEADS`, `R`, and the item at `R#head` only marks that. Two more partitions hold pairs of texts (`PairIndex`), and
 * the list of resources that were ever written to (`WrittenResources`).
 */

import type { Clock } from '../../util/clock.ts';
import type { StorageLedger } from '../storage-ledger.ts';
import type { StateConfig } from '../stored-state.ts';
import type { DynamoDBTable, Item, ItemKey } from './dynamodb-table.ts';
import type { Heads } from './heads.ts';
import type { LogHints } from './log-hints.ts';
import type { Protocol } from './protocol.ts';
import type { StorageMemory } from './storage-memory.ts';
import type { WrittenResources } from './written-resources.ts';

/** Dependencies of all code that handles one resource's items. */
export interface ResourceContext<T> {
  readonly config: StateConfig<T>;
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly heads: Heads;
  readonly written: WrittenResources;
  /** Identifies this process's log entries. */
  readonly writer: string;
  /** Hints between processes about the resource's log. */
  readonly hints?: LogHints | undefined;
  /** Accounts for what is stored. */
  readonly ledger?: StorageLedger | undefined;
  /** See `StorageMemory`. */
  readonly hasRoom?: StorageMemory['hasRoom'];
}

export const objectsOf = (resourcePrefix: string) => resourcePrefix;
export const partsOf = (resourcePrefix: string) => `${resourcePrefix}#parts`;
export const logOf = (resourcePrefix: string) => `${resourcePrefix}#log`;
export const headOf = (resourcePrefix: string) => `${resourcePrefix}#head`;

/** Outside `/registry`, where resources are. */
export const PAIRS = '/zeroplane/pairs';
export const HEADS = '/zeroplane/heads';

/** Partition with an item per resource that was ever written to: the list of what to scan, copy, or remove. */
export const RESOURCES = '#resources';
/** Marks the list as complete, in tables where it was kept from the start. */
export const LISTS_ALL: Item = { pk: RESOURCES, sk: '#all' };

/** The resource whose head has this key. */
export const resourceOfHead = ({ pk, sk }: ItemKey) => (pk === HEADS ? sk : pk.slice(0, -headOf('').length));

/**
 * Version of the meaning of a resource's items, stored in its head (`format`; absent: 1). It is raised when older
 * programs would misread new items, or write items that are misread: the first write of the new program raises it in
 * the head, and from then on writes of older programs fail. So a release must be able to read a format before another
 * one writes it.
 *
 * 2: the head is in the shared partition; an item of this format at its former place says so.
 */
export const FORMAT = 2;
export const OWN_HEAD_FORMAT = 1;

/** Fixed width, so that revisions sort as text. */
export const encodeRevision = (revision: number) => String(revision).padStart(16, '0');
export const encodePart = (revision: number, part: number) => `${encodeRevision(revision)}#${part}`;
export const decodeRevision = (sk: string) => Number(sk.slice(0, 16));
/** The part number in a sort key; undefined: the key is an entry's. */
export const decodePart = (sk: string) => (sk.length > 16 ? Number(sk.slice(17)) : undefined);

/** Sort before and after every key. DynamoDB doesn't allow an empty sort key. */
export const FIRST_KEY = '\u0001';
export const LAST_KEY = '\u{10ffff}';

/** Converts milliseconds to seconds, the unit of DynamoDB's TTL. */
export const ttlSeconds = (ms: number) => Math.ceil(ms / 1_000);
