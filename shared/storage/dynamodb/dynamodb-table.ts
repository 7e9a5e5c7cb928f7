/**
 * The DynamoDB calls that the revision log needs, in the log's own terms. One implementation calls DynamoDB
 * (`connected-table.ts`), through the SDK or an emulator directly; another simulates it (`test/simulation`).
 */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type Attribute = string | number | boolean | Uint8Array;

export type Item = ItemKey & Readonly<Record<string, Attribute>>;

/** Condition on the item under the key for a write to take effect. */
export type Condition =
  /** There is no item. */
  | { readonly kind: 'absent' }
  /** The item's `rv` equals this one. */
  | { readonly kind: 'revision'; readonly rv: number }
  /** There is no item, or a tombstone with a lower `rv`. */
  | { readonly kind: 'absentOrDeadBefore'; readonly rv: number }
  /** There is a tombstone with this `rv`. */
  | { readonly kind: 'tombstone'; readonly rv: number };

/** Revisions taken by the same transaction that writes under them. */
export interface Claim extends ItemKey {
  /** The head's `next` must still have this value, or there must be no head. */
  readonly from: number;
  readonly count: number;
  /** New value of the head's `at`. */
  readonly at: number;
  /** New value of the head's `format`; the caller has checked that it may be set. */
  readonly format: number;
  /**
   * Whether all earlier revisions are decided because none was taken for long: sets `resolved` to `from` and
   * `resolvedAt` to `at`.
   */
  readonly quiet: boolean;
  /**
   * Whether the log has no entries of these revisions, which are the resource's first: sets `resolved` to the last of
   * them and `resolvedAt` to `at`.
   */
  readonly isUnlogged?: boolean | undefined;
}

export type Write =
  | { readonly put: Item; readonly condition?: Condition | undefined }
  | { readonly delete: ItemKey; readonly condition?: Condition | undefined };

/** An element of a transaction. */
export type TransactedWrite = Write | { readonly claim: Claim };

export interface TransactOptions {
  /**
   * Milliseconds since the epoch. The request must not be able to take effect once this has passed by more than the
   * table's own bound on late requests; past it, rejects with TooLate before anything is sent.
   */
  readonly notAfter: number;
  /**
   * The caller knows the resource as of the revision `claim.from`, so that every other condition of the transaction
   * holds if the claim's does. A table with a single writer need then evaluate only that one.
   */
  readonly isProven?: boolean | undefined;
}

export interface Query {
  readonly pk: string;
  /** First sort key, inclusive. */
  readonly from: string;
  /** Last sort key, inclusive. */
  readonly to: string;
  /** Continues after this sort key, a page's `lastKey`. */
  readonly startAfter?: string | undefined;
  readonly consistent: boolean;
  readonly descending?: boolean | undefined;
  /** Maximum number of items. */
  readonly limit?: number | undefined;
}

export interface Page {
  readonly items: readonly Item[];
  /** The last sort key read, if more items may follow. */
  readonly lastKey?: string | undefined;
}

export interface Allocation extends ItemKey {
  /** Number of revisions to take. */
  readonly count: number;
  /** New value of the head's `at`. */
  readonly at: number;
  /** New value of the head's `format`, which must not be higher. */
  readonly format: number;
  /** New value of the head's `grace`, for the revisions taken here. */
  readonly grace?: number | undefined;
  /**
   * Requires the previous allocation to have been at or after the moment `since`, or before the moment `before`. In the
   * second case the head's `resolved` becomes the former `next`, and its `resolvedAt` becomes `at`.
   */
  readonly last: { readonly since: number } | { readonly before: number };
}

export interface DynamoDBTable {
  /** A known fault of the store itself, in words for clients; reads may still work. */
  readonly fault?: string | undefined;
  get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined>;
  query(query: Query): Promise<Page>;
  /** Writes one item. Rejects with ConditionFailed, which carries the existing item. */
  write(write: Write): Promise<void>;
  /**
   * Adds `count` to the head's `next`, which starts at `FIRST_REVISION`, stores the former `next` as `from`, and
   * returns the new head. An absent head counts as last allocated long ago. Rejects with ConditionFailed, which carries
   * the existing head.
   */
  allocate(allocation: Allocation): Promise<Item>;
  /** Sets the head's `resolved` and `resolvedAt`, unless `resolved` is as high already. */
  raiseResolved(head: ItemKey, to: { readonly resolved: number; readonly resolvedAt: number }): Promise<void>;
  /**
   * Writes all or nothing. Rejects with Canceled, which has a reason for each write.
   */
  transact(writes: readonly TransactedWrite[], options: TransactOptions): Promise<void>;
  /** Creates the table unless it exists, and waits until it is active. */
  create(): Promise<void>;
  close(): void;
}

/** Initial `next` of a new resource. Revision 0 means "any" to clients, so an empty list must not have it. */
export const FIRST_REVISION = 1;

/** Name of a connection's failure that maps to `Broken`. */
export const BROKEN = 'StoreBroken';

export type TableErrorKind =
  /** The condition of a single write did not hold. */
  | 'ConditionFailed'
  /** A transaction was cancelled; nothing took effect. */
  | 'Canceled'
  /** Another transaction holds an item; nothing took effect. */
  | 'Conflict'
  /** The table or the account exceeds its rate; nothing took effect. */
  | 'Throttled'
  /** The request's deadline passed before it could be sent; nothing took effect. */
  | 'TooLate'
  /** An item or a transaction exceeds DynamoDB's size limits; nothing took effect. */
  | 'TooLarge'
  /** No connection could be made; nothing took effect. */
  | 'Unreachable'
  /** The store itself failed: its disk is full, its file is damaged; nothing took effect. */
  | 'Broken'
  /** The request may or may not have taken effect: a timeout, a reset, a 5xx response. */
  | 'Ambiguous'
  /** No table, no credentials, no permission: retries won't help. */
  | 'Refused';

/** The reason a write of a cancelled transaction failed; `item`: the existing item. */
export interface CancellationReason {
  readonly kind: 'None' | 'ConditionFailed' | 'Conflict' | 'Throttled' | 'TooLarge' | 'Other';
  readonly item?: Item | undefined;
}

export class TableError extends Error {
  override readonly name = 'TableError';
  readonly kind: TableErrorKind;
  /** For ConditionFailed: the existing item. */
  readonly item: Item | undefined;
  /** For Canceled: one for each write, in order. */
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
