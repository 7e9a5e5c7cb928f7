/**
 * Exactly the DynamoDB calls the revision log is made of, in the log's own words. One implementation speaks to
 * DynamoDB (`connected-table.ts`), by the SDK or to an emulator directly; one simulates it (`test/simulation`).
 */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type Attribute = string | number | boolean | Uint8Array;

export type Item = ItemKey & Readonly<Record<string, Attribute>>;

/** What must hold of the item under the key for a write to take effect. */
export type Condition =
  /** Nothing stands under the key. */
  | { readonly kind: 'absent' }
  /** The item's `rv` is this one. */
  | { readonly kind: 'revision'; readonly rv: number }
  /** Nothing stands there, or a tombstone whose `rv` is below this one. */
  | { readonly kind: 'absentOrDeadBefore'; readonly rv: number }
  /** A tombstone of this `rv` stands there. */
  | { readonly kind: 'tombstone'; readonly rv: number };

/** Revisions taken by the very transaction that writes under them. */
export interface Claim extends ItemKey {
  /** The head's `next` must still be this, or there must be no head. */
  readonly from: number;
  readonly count: number;
  /** Put into the head's `at`. */
  readonly at: number;
  /** Put into the head's `format`; who claims has looked whether it may. */
  readonly format: number;
  /** Nothing was taken for so long that all of it is decided: `resolved` becomes `from`, `resolvedAt` becomes `at`. */
  readonly quiet: boolean;
}

export type Write =
  | { readonly put: Item; readonly condition?: Condition | undefined }
  | { readonly delete: ItemKey; readonly condition?: Condition | undefined };

/** What a transaction is made of. */
export type TransactedWrite = Write | { readonly claim: Claim };

export interface Query {
  readonly pk: string;
  /** First sort key, inclusive. */
  readonly from: string;
  /** Last sort key, inclusive. */
  readonly to: string;
  /** Goes on after this sort key, a page's `lastKey`. */
  readonly startAfter?: string | undefined;
  readonly consistent: boolean;
  readonly descending?: boolean | undefined;
  /** No more items than these. */
  readonly limit?: number | undefined;
}

export interface Page {
  readonly items: readonly Item[];
  /** The last sort key read, when more may follow it. */
  readonly lastKey?: string | undefined;
}

export interface Allocation extends ItemKey {
  /** How many revisions to take. */
  readonly count: number;
  /** Put into the head's `at`. */
  readonly at: number;
  /** Put into the head's `format`, which must not be higher. */
  readonly format: number;
  /** Put into the head's `grace`, for the revisions taken here. */
  readonly grace?: number | undefined;
  /**
   * Whether the allocation before must have been at or after the moment `since`, or before it. In the second case
   * the head's `resolved` becomes the former `next`, and its `resolvedAt` becomes `at`.
   */
  readonly last: { readonly since: number } | { readonly before: number };
}

export interface DynamoDBTable {
  /** What the store itself is known to suffer from, in words for clients; reads may go on. */
  readonly trouble?: string | undefined;
  get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined>;
  query(query: Query): Promise<Page>;
  /** Writes one item. Rejects with ConditionFailed, carrying the item that stands there. */
  write(write: Write): Promise<void>;
  /**
   * Adds `count` to the head's `next`, which starts at `FIRST_REVISION`, keeps the former `next` as `from`, and
   * returns the head as it is then. No head counts as one of long ago. Rejects with ConditionFailed, carrying the head
   * that stands there.
   */
  allocate(allocation: Allocation): Promise<Item>;
  /** Sets the head's `resolved` and `resolvedAt`; leaves them where `resolved` is as high already. */
  raiseResolved(head: ItemKey, to: { readonly resolved: number; readonly resolvedAt: number }): Promise<void>;
  /**
   * Writes all or nothing. Rejects with Canceled, telling of each write what stood in its way. The request must not
   * be able to take effect once `notAfter` (milliseconds since the epoch) has passed by more than the table's
   * own bound on late requests; past it, rejects with TooLate before anything is sent.
   */
  transact(writes: readonly TransactedWrite[], options: { readonly notAfter: number }): Promise<void>;
  /** Creates the table unless it exists, and waits until it is there. */
  create(): Promise<void>;
  close(): void;
}

/** Where `next` of a new resource starts: revision 0 means "any" to clients, so that an empty list must not carry it. */
export const FIRST_REVISION = 1;

/** The name of a connection's failure that is `Broken`. */
export const BROKEN = 'StoreBroken';

export type TableErrorKind =
  /** The condition of a single write did not hold. */
  | 'ConditionFailed'
  /** A transaction was cancelled; nothing of it took effect. */
  | 'Canceled'
  /** Another transaction holds an item; nothing took effect. */
  | 'Conflict'
  /** The table or the account is over its rate; nothing took effect. */
  | 'Throttled'
  /** The request's time was over before it could be sent; nothing took effect. */
  | 'TooLate'
  /** An item or a transaction is over DynamoDB's size limits; nothing took effect. */
  | 'TooLarge'
  /** No connection could be made; nothing took effect. */
  | 'Unreachable'
  /** The store itself can't: its disk is full, its file is damaged; nothing took effect. */
  | 'Broken'
  /** The request may or may not have taken effect: a timeout, a reset, a 5xx answer. */
  | 'Ambiguous'
  /** No table, no credentials, no permission: no retry will help. */
  | 'Refused';

/** Why a write of a cancelled transaction did not go through; `item` is what stood there. */
export interface CancellationReason {
  readonly kind: 'None' | 'ConditionFailed' | 'Conflict' | 'Throttled' | 'TooLarge' | 'Other';
  readonly item?: Item | undefined;
}

export class TableError extends Error {
  override readonly name = 'TableError';
  readonly kind: TableErrorKind;
  /** Of ConditionFailed: what stood there. */
  readonly item: Item | undefined;
  /** Of Canceled: one for each write, in order. */
  readonly reasons: readonly CancellationReason[];

  constructor(
    kind: TableErrorKind,
    message: string,
    details: {
      item?: Item | undefined;
      reasons?: readonly CancellationReason[] | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.item = details.item;
    this.reasons = details.reasons ?? [];
  }
}

export function isTableError(error: unknown, ...kinds: TableErrorKind[]): error is TableError {
  return error instanceof TableError && (kinds.length === 0 || kinds.includes(error.kind));
}
