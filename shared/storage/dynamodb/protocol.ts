/** The log's constants of time and size. The proofs in ARCHITECTURE.md name each; the simulation bends them. */

export interface Protocol {
  /**
   * How long a revision may be held between its allocation and the last attempt to write with it. A request that
   * left in time takes effect within `lateRequestMs` of that or never.
   */
  readonly maxHoldMs: number;
  /** DynamoDB refuses a signature older than 5 minutes; three times that, for good measure. */
  readonly lateRequestMs: number;
  /**
   * An entry that was first seen this long ago has its object visible too: a transaction's items may become visible
   * one after the other, never this far apart.
   */
  readonly settleMs: number;
  /** No revision allocated this long ago can be written any more; clocks may be minutes apart. */
  readonly deadAfterMs: number;
  /** A hole allocated less than this ago cannot be an entry that expired: far below `logKeptMs`. */
  readonly youngMs: number;
  /** How old an entry a watch or an exact list may still start from, where its resource says nothing shorter. */
  readonly retentionMs: number;
  /** When DynamoDB may drop log entries. */
  readonly logKeptMs: number;
  /** When DynamoDB may drop tombstones: above `maxHoldMs` + `lateRequestMs` and clocks minutes apart. */
  readonly tombstoneKeptMs: number;
  /** How long a reader waits for a hole to be filled before it fences. */
  readonly holePatienceMs: number;
  /** The same, for a revision that this very process is about to write. */
  readonly ownPatienceMs: number;
  /** Pauses between polls of a log with watchers: after activity, and once idle. */
  readonly pollBusyMs: number;
  readonly pollIdleMs: number;
  /** The pause where hints tell of what others write: what may be late where the writer's hint is lost and the stream's, too. */
  readonly hintedPauseMs: number;
  /** How late a hint may come after what it is of was seen; later, hints are not relied on ... */
  readonly hintLateMs: number;
  /** ... for so long. */
  readonly unhintedMs: number;
  /** Pauses between reads of hints: after some came, and once idle. */
  readonly hintBusyMs: number;
  readonly hintIdleMs: number;
  /** Hints are read from so long before the last read on: clocks differ, and such reads may be that old. */
  readonly hintWindowMs: number;
  /** When DynamoDB may drop hints. */
  readonly hintKeptMs: number;
  /** How long a request waits for a revision that isn't there yet before TooLargeResourceVersion. */
  readonly freshnessMs: number;
  /** Pause between bookmarks. */
  readonly bookmarkMs: number;
  /** How long reads and writes are retried. */
  readonly retryMs: number;
  /** Bytes of a value that one item holds: below DynamoDB's 400 KB, with room for the other attributes. */
  readonly partBytes: number;
  /** Values of so many bytes and more are compressed: what is smaller takes one write unit as it is. */
  readonly packFrom: number;
  /** Who has written so many revisions of a resource without reading its log begins to follow it, to publish. */
  readonly followAfter: number;
  /** How many decided revisions are published at once: each time takes a write. */
  readonly resolvedStep: number;
  /** How long an endpoint that refuses connections is tried. */
  readonly unreachableMs: number;
  /**
   * No other process writes to the table: what this one committed is all there is, and nothing is read to learn of
   * more. For an embedded DynamoDB that belongs to this process.
   */
  readonly alone: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_PROTOCOL: Protocol = {
  maxHoldMs: 10 * SECOND,
  lateRequestMs: 15 * MINUTE,
  settleMs: 10 * SECOND,
  deadAfterMs: 1 * HOUR,
  youngMs: 12 * HOUR,
  retentionMs: 1 * HOUR,
  logKeptMs: 24 * HOUR,
  tombstoneKeptMs: 1 * HOUR,
  holePatienceMs: 60,
  ownPatienceMs: 2 * SECOND,
  pollBusyMs: 50,
  pollIdleMs: 1 * SECOND,
  hintedPauseMs: 10 * MINUTE,
  hintLateMs: 5 * SECOND,
  unhintedMs: 10 * MINUTE,
  hintBusyMs: 200,
  hintIdleMs: 1 * SECOND,
  hintWindowMs: 3 * SECOND,
  hintKeptMs: 5 * MINUTE,
  freshnessMs: 3 * SECOND,
  bookmarkMs: 45 * SECOND,
  partBytes: 380 * 1024,
  packFrom: 800,
  retryMs: 10 * SECOND,
  alone: false,
  followAfter: 128,
  resolvedStep: 128,
  unreachableMs: 2 * SECOND,
};

/** Upstream's limit of one etcd request (https://etcd.io/docs/v3.5/dev-guide/limit/). */
export { MAX_OBJECT_BYTES } from '../object-limit.ts';
/** DynamoDB's limits of one transaction, the second with room for keys. */
export const MAX_TRANSACTION_WRITES = 100;
export const MAX_TRANSACTION_BYTES = 3.5 * 1024 * 1024;
