/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/buffered/buffered.go */

import { appendAll } from '../util/append-all.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';
import { TokenBucket } from './token-bucket.ts';

export interface BatchConfig {
  /** Maximum number of waiting events; further ones are lost, which is logged. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxBatchWaitMs: number;
  /** Batches a second on average, and burst size; undefined: unlimited. */
  readonly throttle?: { readonly qps: number; readonly burst: number } | undefined;
  /** Whether batches may be sent concurrently, and so arrive out of order. */
  readonly concurrent?: boolean | undefined;
}

/** Collects events and passes them on in batches, in parallel with requests. */
export class BufferedAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #config: BatchConfig;
  readonly #logger: ErrorLog;
  readonly #throttle: TokenBucket | undefined;
  #buffer: AuditEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The last batch sent, if batches are sent one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #sending = new Set<Promise<unknown>>();
  #inFlight = 0;
  #closed = false;

  constructor(delegate: AuditBackend, config: BatchConfig, logger: ErrorLog) {
    this.#delegate = delegate;
    this.#config = config;
    this.#logger = logger;
    this.#throttle = config.throttle && new TokenBucket(config.throttle);
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    const room = this.#closed
      ? 0
      : Math.max(0, this.#config.bufferSize - this.#buffer.length - this.#inFlight);
    appendAll(this.#buffer, events.slice(0, room));
    const lost = events.length - room;
    if (lost > 0) {
      const why = this.#closed ? 'audit backend is shut down' : 'audit buffer queue blocked';
      this.#logger.error(`${lost} audit events are lost`, new Error(why));
    }
    if (this.#buffer.length >= this.#config.maxBatchSize) this.#send();
    else if (this.#buffer.length > 0) this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#send(), this.#config.maxBatchWaitMs);
    // The backend is closed before the process ends.
    this.#timer.unref();
  }

  /** Sends all waiting events, in batches. */
  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.splice(0, this.#config.maxBatchSize);
      this.#inFlight += batch.length;
      const sending = this.#sendBatch(batch, this.#last).finally(() => {
        this.#inFlight -= batch.length;
        this.#sending.delete(sending);
      });
      this.#sending.add(sending);
      if (!this.#config.concurrent) this.#last = sending;
    }
  }

  async #sendBatch(batch: readonly AuditEvent[], before: Promise<unknown>): Promise<void> {
    await before;
    await this.#throttle?.take();
    await this.#delegate.processEvents(batch);
  }

  /** Ignores the throttle: a host that is about to be frozen has no time. */
  async flush(): Promise<void> {
    this.#throttle?.open();
    this.#send();
    while (this.#sending.size > 0) await Promise.all(this.#sending);
    this.#throttle?.close();
    await this.#delegate.flush();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#delegate.close();
  }
}
