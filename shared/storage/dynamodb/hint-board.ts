/**
 * Hints between processes: one partition for all logs of all tenants, read once for all waiters in a process. Items are
 * sorted by their writers' clocks; items of a clock that is off by more than `hintWindowMs` are not read.
 */

import type { Clock } from '../../util/clock.ts';
import type { DynamoDBTable, Item } from './dynamodb-table.ts';
import { ttlSeconds } from './layout.ts';
import type { HintsOf, LogHints } from './log-hints.ts';
import { DEFAULT_PROTOCOL, type Protocol } from './protocol.ts';
import { queryItems } from './query-items.ts';
import { retry } from './retry.ts';

export const HINTS = '#hints';

export interface HintBoardOptions {
  /** The table with the `#hints` partition; closed by the caller. */
  readonly table: Pick<DynamoDBTable, 'query' | 'write'>;
  readonly clock: Clock;
  readonly protocol?: Partial<Protocol> | undefined;
  /** Identifies this process's items; must be unique. */
  readonly writer: string;
  /** Whether this process writes hints: other processes may wait for its writes. */
  readonly publishes: boolean;
  /**
   * Whether this process reads hints: not worthwhile for one that waits for a single log, or one that may be frozen.
   */
  readonly listens: boolean;
}

/** `log`: the tenant's id and the resource's prefix. */
export type Hint = readonly [log: string, revision: number];

type OnHint = (revision: number | undefined) => void;

/** Milliseconds that a writer waits for its hint to be stored. */
const WRITE_WAIT_MS = 100;

const keyAt = (ms: number) => String(Math.max(0, Math.floor(ms))).padStart(15, '0');

export class HintBoard {
  readonly #options: HintBoardOptions;
  readonly #protocol: Protocol;
  readonly #listeners = new Map<string, Set<OnHint>>();
  #isReading = false;
  /** Revisions not announced yet, by log. */
  #pending = new Map<string, number>();
  #publishing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #published = 0;

  constructor(options: HintBoardOptions) {
    this.#options = options;
    this.#protocol = { ...DEFAULT_PROTOCOL, ...options.protocol };
  }

  /** The hints of a tenant's logs. `hasHints`: whether a log has hints; must be the same in all processes. */
  of(id: string, hasHints: (resourcePrefix: string) => boolean = () => true): HintsOf {
    return (resourcePrefix) =>
      hasHints(resourcePrefix) ? this.#hintsOf(`${id}${resourcePrefix}`) : undefined;
  }

  #hintsOf(log: string): LogHints {
    const { publishes, listens } = this.#options;
    return {
      publish: (revision) => (publishes ? this.#enqueue(log, revision) : Promise.resolve()),
      listen: listens ? (onHint) => this.#listen(log, onHint) : undefined,
    };
  }

  /** Hints that arrive while another is being written are combined into one item. */
  #enqueue(log: string, revision: number): Promise<void> {
    this.#pending.set(log, Math.max(revision, this.#pending.get(log) ?? 0));
    this.#next ??= this.#publishing.then(() => {
      this.#next = undefined;
      const hints = [...this.#pending];
      this.#pending = new Map();
      this.#publishing = this.#write(hints);
      return this.#publishing;
    });
    return this.#next;
  }

  /** Writes hints that must arrive, as one item. Rejects with StorageError if they can't be stored for a while. */
  async announce(hints: readonly Hint[]): Promise<void> {
    const { table, clock, publishes } = this.#options;
    if (!publishes || hints.length === 0) return;
    // Each attempt has the time it is made at: readers don't look for what is older than their last reads.
    await retry({ clock, protocol: this.#protocol }, () => table.write({ put: this.#item(hints) }));
  }

  #item(hints: readonly Hint[]): Item {
    const { clock, writer } = this.#options;
    const now = clock.now();
    return {
      pk: HINTS,
      sk: `${keyAt(now)}-${writer}-${++this.#published}`,
      hints: JSON.stringify(hints),
      ttl: ttlSeconds(now + this.#protocol.hintTTLMs),
    };
  }

  async #write(hints: readonly Hint[]): Promise<void> {
    const { table, clock } = this.#options;
    const over = new AbortController();
    // Best effort: slow hints are not awaited, and failed ones not retried.
    const written = table.write({ put: this.#item(hints) }).catch(() => undefined);
    await Promise.race([written, clock.sleep(WRITE_WAIT_MS, over.signal)]);
    over.abort();
  }

  #listen(log: string, onHint: OnHint): () => void {
    let listeners = this.#listeners.get(log);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(log, listeners);
    }
    listeners.add(onHint);
    if (!this.#isReading) void this.#read();
    return () => {
      listeners.delete(onHint);
      if (listeners.size === 0 && this.#listeners.get(log) === listeners) this.#listeners.delete(log);
    };
  }

  /** Polls for as long as there are listeners. */
  async #read(): Promise<void> {
    const { clock } = this.#options;
    const { hintBusyMs, hintIdleMs, hintTTLMs } = this.#protocol;
    this.#isReading = true;
    let processed: ReadonlySet<string> = new Set();
    let since = clock.now();
    for (let pause = hintBusyMs; ; ) {
      await clock.sleep(pause);
      if (this.#listeners.size === 0) break;
      const readAt = clock.now();
      if (readAt - since > hintTTLMs) {
        since = readAt;
        for (const log of this.#listeners.keys()) this.#notify(log, undefined);
      }
      let isNew = false;
      try {
        const found = new Set<string>();
        for await (const { sk, hints } of this.#since(since)) {
          found.add(sk);
          if (processed.has(sk)) continue;
          isNew = true;
          for (const [log, revision] of JSON.parse(hints as string) as [string, number][])
            this.#notify(log, revision);
        }
        processed = found;
        since = readAt;
      } catch {
        // Read again by the next poll.
      }
      pause = isNew ? hintBusyMs : Math.min(pause * 1.5, hintIdleMs);
    }
    this.#isReading = false;
  }

  /** Overlaps the previous read, since clocks differ and reads are eventually consistent. */
  #since(moment: number) {
    const { table, clock } = this.#options;
    const { hintWindowMs } = this.#protocol;
    return queryItems(table as DynamoDBTable, {
      pk: HINTS,
      from: keyAt(moment - hintWindowMs),
      to: keyAt(clock.now() + hintWindowMs),
      consistent: false,
    });
  }

  #notify(log: string, revision: number | undefined): void {
    for (const onHint of this.#listeners.get(log) ?? []) onHint(revision);
  }
}
