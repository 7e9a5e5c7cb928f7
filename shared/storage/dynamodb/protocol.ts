/** The log's constants of time and size. The proofs in ARCHITECTURE.md refer to them; the simulation varies them. */

export interface Protocol {
  /**
   * Maximum time between a revision's allocation and the last attempt to write with it. A request sent in time takes
   * effect within `lateRequestMs` of that or never.
   */
  readonly maxHoldMs: number;
  /** DynamoDB refuses signatures older than 5 minutes; three times that, as a margin. */
  readonly lateRequestMs: number;
  /**
   * Time after an entry was first seen at which its object is visible too: a transaction's items may become visible one
   * after the other, but never this far apart.
   */
  readonly settleMs: number;
  /** Age at which a revision can't be written any more; clocks may be minutes apart. */
  readonly deadAfterMs: number;
  /** Age below which a hole can't be an entry that expired: far below `logTTLMs`. */
  readonly youngMs: number;
  /** Maximum age of entries that a watch or an exact list may start from, unless its resource sets a shorter one. */
  readonly retentionMs: number;
  /** Age at which DynamoDB may remove log entries. */
  readonly logTTLMs: number;
  /**
   * Age at which DynamoDB may remove tombstones: above `maxHoldMs` + `lateRequestMs`, with a margin for clocks minutes
   * apart.
   */
  readonly tombstoneTTLMs: number;
  /** Time that a reader waits for a hole to be filled before it fences. */
  readonly holeWaitMs: number;
  /** The same, for a revision that this process itself is about to write. */
  readonly ownHoleWaitMs: number;
  /** Intervals between polls of a log with watchers: after activity, and when idle. */
  readonly pollBusyMs: number;
  readonly pollIdleMs: number;
  /**
   * Bounds of the poll interval where hints announce others' writes, which is as long as the log has been quiet: the
   * delay if both the writer's and the stream's hint are lost.
   */
  readonly hintedBusyMs: number;
  readonly hintedPauseMs: number;
  /** Maximum delay of a hint after the change itself was seen; if it takes longer, hints are not relied on ... */
  readonly hintLateMs: number;
  /** ... for this long. */
  readonly unhintedMs: number;
  /** Intervals between reads of hints: after some were found, and when idle. */
  readonly hintBusyMs: number;
  readonly hintIdleMs: number;
  /**
   * Overlap of a read of hints with the previous one: clocks differ, and eventually consistent reads may be this old.
   */
  readonly hintWindowMs: number;
  /** Age at which DynamoDB may remove hints. */
  readonly hintTTLMs: number;
  /** Time that a request waits for a future revision before TooLargeResourceVersion. */
  readonly freshnessMs: number;
  /** Interval between bookmarks. */
  readonly bookmarkMs: number;
  /** Time for which reads and writes are retried. */
  readonly retryMs: number;
  /** Bytes of a value in one item: below DynamoDB's 400 KB, with room for the other attributes. */
  readonly partBytes: number;
  /** Size from which values are compressed: smaller ones take one write unit anyway. */
  readonly packFrom: number;
  /**
   * Number of revisions a process writes without reading the log before it reads it, in order to publish `resolved`.
   */
  readonly followAfter: number;
  /** Minimum advance of `resolved` per publication, since each takes a write. */
  readonly resolvedStep: number;
  /** Time for which an endpoint that refuses connections is retried. */
  readonly unreachableMs: number;
  /**
   * No other process writes to the table, so nothing is read to learn of others' writes. For an embedded DynamoDB owned
   * by this process.
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
  logTTLMs: 24 * HOUR,
  tombstoneTTLMs: 1 * HOUR,
  holeWaitMs: 60,
  ownHoleWaitMs: 2 * SECOND,
  pollBusyMs: 50,
  pollIdleMs: 1 * SECOND,
  hintedBusyMs: 30 * SECOND,
  hintedPauseMs: 10 * MINUTE,
  hintLateMs: 5 * SECOND,
  unhintedMs: 10 * MINUTE,
  hintBusyMs: 200,
  hintIdleMs: 1 * SECOND,
  hintWindowMs: 3 * SECOND,
  hintTTLMs: 5 * MINUTE,
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

/** Upstream's limit of an etcd request (https://etcd.io/docs/v3.5/dev-guide/limit/). */
export { MAX_OBJECT_BYTES } from '../object-limit.ts';
/** DynamoDB's limits of a transaction; the second leaves room for keys. */
export const MAX_TRANSACTION_WRITES = 100;
export const MAX_TRANSACTION_BYTES = 3.5 * 1024 * 1024;
