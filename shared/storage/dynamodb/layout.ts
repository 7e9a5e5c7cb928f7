/**
 * Where a resource's items stand. `R` is its storage prefix, such as `/registry/apps/deployments`:
 *
 * | item       | pk        | sk                    |
 * |------------|-----------|-----------------------|
 * | object     | `R`       | `namespace/name`, `name` |
 * | its parts  | `R#parts` | revision`#`part       |
 * | log entry  | `R#log`   | revision              |
 * | its parts  | `R#log`   | revision`#`part       |
 * | head       | `R#head`  | `-`                   |
 *
 * Heads of resources that servers follow stand together where the table began so (`Heads`): their key is `HEADS`, `R`,
 * and the item at `R#head` says no more than that. Beside the resources stand pairs of texts (`PairIndex`), all under
 * one key, and under another the resources that were ever written to (`WrittenResources`).
 */

import type { Clock } from '../../util/clock.ts';
import type { StorageLedger } from '../storage-ledger.ts';
import type { StateConfig } from '../stored-state.ts';
import type { DynamoDBTable, Item, ItemKey } from './dynamodb-table.ts';
import type { Heads } from './heads.ts';
import type { LogHints } from './log-hints.ts';
import type { Protocol } from './protocol.ts';
import type { WrittenResources } from './written-resources.ts';

/** What everything about one resource's items needs. */
export interface ResourceContext<T> {
  readonly config: StateConfig<T>;
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly heads: Heads;
  readonly written: WrittenResources;
  /** Marks this process's log entries. */
  readonly writer: string;
  /** What processes tell each other of its log. */
  readonly hints?: LogHints | undefined;
  /** Told of how much is stored. */
  readonly ledger?: StorageLedger | undefined;
}

export const objectsOf = (resourcePrefix: string) => resourcePrefix;
export const partsOf = (resourcePrefix: string) => `${resourcePrefix}#parts`;
export const logOf = (resourcePrefix: string) => `${resourcePrefix}#log`;
export const headOf = (resourcePrefix: string) => `${resourcePrefix}#head`;

/** Not below `/registry`, as resources are. */
export const PAIRS = '/zeroplane/pairs';
export const HEADS = '/zeroplane/heads';

/** Holds an item per resource that was ever written to: what there is to look through, to copy, or to remove. */
export const RESOURCES = '#resources';
/** Stands among them where they are all: in tables that began so. */
export const LISTS_ALL: Item = { pk: RESOURCES, sk: '#all' };

/** The resource that the head of this key is of. */
export const resourceOfHead = ({ pk, sk }: ItemKey) => (pk === HEADS ? sk : pk.slice(0, -headOf('').length));

/**
 * What a resource's items mean, by a number that its head has (`format`; absent: 1). It is raised when programs of before
 * would misread what is written, or write what is misread: the first write of the new program raises it in the head, and
 * from then on theirs are refused. So a release must know how to read a format before another one writes it.
 *
 * 2: the head stands with others, and at its former place an item of this format says so.
 */
export const FORMAT = 2;
export const OWN_HEAD_FORMAT = 1;

/** Of fixed width, so that revisions sort as text. */
export const encodeRevision = (revision: number) => String(revision).padStart(16, '0');
export const encodePart = (revision: number, part: number) => `${encodeRevision(revision)}#${part}`;
export const decodeRevision = (sk: string) => Number(sk.slice(0, 16));
/** The part a sort key names; undefined: it names an entry. */
export const decodePart = (sk: string) => (sk.length > 16 ? Number(sk.slice(17)) : undefined);

/** Sorts before every key, and after every key and part. DynamoDB takes no empty sort key. */
export const FIRST_KEY = '\u0001';
export const LAST_KEY = '\u{10ffff}';

/** Milliseconds to what DynamoDB's TTL reads. */
export const ttlSeconds = (ms: number) => Math.ceil(ms / 1_000);
