/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/buffered/buffered.go */

import type { AuditBackend, LogAuditError } from './backend.ts';
import type { AuditEvent } from './event.ts';

export interface BatchConfig {
  /** Events that wait at most; what comes then is lost, and told of. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxBatchWaitMs: number;
}

/** Upstream's, of its webhook. */
export const DEFAULT_BATCH_CONFIG: BatchConfig = {
  bufferSize: 10_000,
  maxBatchSize: 400,
  maxBatchWaitMs: 30_000,
};

/** Collects events and hands them on in batches, while requests go on. */
export class BufferedAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #config: BatchConfig;
  readonly #logError: LogAuditError;
  #buffer: AuditEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();
  #inFlight = 0;
  #closed = false;

  constructor(delegate: AuditBackend, config: BatchConfig, logError: LogAuditError) {
    this.#delegate = delegate;
    this.#config = config;
    this.#logError = logError;
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    const room = this.#closed
      ? 0
      : Math.max(0, this.#config.bufferSize - this.#buffer.length - this.#inFlight);
    this.#buffer.push(...events.slice(0, room));
    const lost = events.length - room;
    if (lost > 0) {
      const why = this.#closed ? 'audit backend is shut down' : 'audit buffer queue blocked';
      this.#logError(`${lost} audit events are lost`, new Error(why));
    }
    if (this.#buffer.length >= this.#config.maxBatchSize) this.#send();
    else if (this.#buffer.length > 0) this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#send(), this.#config.maxBatchWaitMs);
    // Whoever ends the process closes the backend first.
    this.#timer.unref();
  }

  /** Everything that waits, in batches, in order. */
  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.splice(0, this.#config.maxBatchSize);
      this.#inFlight += batch.length;
      this.#sending = this.#sending
        .then(() => this.#delegate.processEvents(batch))
        .finally(() => {
          this.#inFlight -= batch.length;
        });
    }
  }

  async flush(): Promise<void> {
    this.#send();
    await this.#sending;
    await this.#delegate.flush();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#delegate.close();
  }
}
