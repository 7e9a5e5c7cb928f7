/**
 * Where processes leave hints for each other: one partition for all logs of all tenants, read once for all who wait in a
 * process. Items stand in the order of their writers' clocks; one that is off by more than `hintWindowMs` is not read.
 */

import type { Clock } from '../../util/clock.ts';
import type { DynamoDBTable } from './dynamodb-table.ts';
import { ttlSeconds } from './layout.ts';
import type { HintsOf, LogHints } from './log-hints.ts';
import { DEFAULT_PROTOCOL, type Protocol } from './protocol.ts';
import { queryItems } from './query-items.ts';

export const HINTS = '#hints';

export interface HintBoardOptions {
  /** Whose `#hints` it is; its maker's to close. */
  readonly table: Pick<DynamoDBTable, 'query' | 'write'>;
  readonly clock: Clock;
  readonly protocol?: Partial<Protocol> | undefined;
  /** Marks this process's items: no other leaves any under this name. */
  readonly writer: string;
  /** Whether this process leaves hints: others may wait for what it writes. */
  readonly leaves: boolean;
  /** Whether this process hears them: of no use to one that waits for a single log, and none to one that may be frozen. */
  readonly listens: boolean;
}

type Hear = (revision: number | undefined) => void;

/** Milliseconds that a writer waits for its hint to be taken. */
const PATIENCE_MS = 100;

const keyAt = (ms: number) => String(Math.max(0, Math.floor(ms))).padStart(15, '0');

export class HintBoard {
  readonly #options: HintBoardOptions;
  readonly #protocol: Protocol;
  readonly #listeners = new Map<string, Set<Hear>>();
  #isReading = false;
  /** What has not been said yet, by log. */
  #unsaid = new Map<string, number>();
  #saying: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #said = 0;

  constructor(options: HintBoardOptions) {
    this.#options = options;
    this.#protocol = { ...DEFAULT_PROTOCOL, ...options.protocol };
  }

  /** Of a tenant's logs. `isTold`: of which ones something is said; all processes agree on it. */
  of(id: string, isTold: (resourcePrefix: string) => boolean = () => true): HintsOf {
    return (resourcePrefix) => (isTold(resourcePrefix) ? this.#hintsOf(`${id}${resourcePrefix}`) : undefined);
  }

  #hintsOf(log: string): LogHints {
    const { leaves, listens } = this.#options;
    return {
      leave: (revision) => (leaves ? this.#leave(log, revision) : Promise.resolve()),
      listen: listens ? (hear) => this.#listen(log, hear) : undefined,
    };
  }

  /** What is to be said while something else is being said becomes one item. */
  #leave(log: string, revision: number): Promise<void> {
    this.#unsaid.set(log, Math.max(revision, this.#unsaid.get(log) ?? 0));
    this.#next ??= this.#saying.then(() => {
      this.#next = undefined;
      const hints = [...this.#unsaid];
      this.#unsaid = new Map();
      this.#saying = this.#say(hints);
      return this.#saying;
    });
    return this.#next;
  }

  async #say(hints: readonly (readonly [log: string, revision: number])[]): Promise<void> {
    const { table, clock, writer } = this.#options;
    const now = clock.now();
    const put = {
      pk: HINTS,
      sk: `${keyAt(now)}-${writer}-${++this.#said}`,
      hints: JSON.stringify(hints),
      ttl: ttlSeconds(now + this.#protocol.hintKeptMs),
    };
    const over = new AbortController();
    // Nobody waits for a hint that is slow, and none is worth a second try.
    const written = table.write({ put }).catch(() => undefined);
    await Promise.race([written, clock.sleep(PATIENCE_MS, over.signal)]);
    over.abort();
  }

  #listen(log: string, hear: Hear): () => void {
    let listeners = this.#listeners.get(log);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(log, listeners);
    }
    listeners.add(hear);
    if (!this.#isReading) void this.#read();
    return () => {
      listeners.delete(hear);
      if (listeners.size === 0 && this.#listeners.get(log) === listeners) this.#listeners.delete(log);
    };
  }

  /** For as long as anybody listens. */
  async #read(): Promise<void> {
    const { clock } = this.#options;
    const { hintBusyMs, hintIdleMs, hintKeptMs } = this.#protocol;
    this.#isReading = true;
    let heard: ReadonlySet<string> = new Set();
    let since = clock.now();
    for (let pause = hintBusyMs; ; ) {
      await clock.sleep(pause);
      if (this.#listeners.size === 0) break;
      const asked = clock.now();
      if (asked - since > hintKeptMs) {
        since = asked;
        for (const log of this.#listeners.keys()) this.#tell(log, undefined);
      }
      let isNew = false;
      try {
        const found = new Set<string>();
        for await (const { sk, hints } of this.#since(since)) {
          found.add(sk);
          if (heard.has(sk)) continue;
          isNew = true;
          for (const [log, revision] of JSON.parse(hints as string) as [string, number][])
            this.#tell(log, revision);
        }
        heard = found;
        since = asked;
      } catch {
        // What could not be read is read the next time.
      }
      pause = isNew ? hintBusyMs : Math.min(pause * 1.5, hintIdleMs);
    }
    this.#isReading = false;
  }

  /** Somewhat more than what came since: clocks differ, and reads are eventually consistent. */
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

  #tell(log: string, revision: number | undefined): void {
    for (const hear of this.#listeners.get(log) ?? []) hear(revision);
  }
}
