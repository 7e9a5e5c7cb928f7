/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/buffered/buffered.go */

import { inPieces } from '../util/breathe.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { SharedBytes } from '../util/shared-bytes.ts';
import { weightInPieces } from '../util/weight.ts';
import { auditBytes } from './audit-bytes.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';
import { TokenBucket } from './token-bucket.ts';

/** Bytes of an event without objects. */
const PLAIN_EVENT = 2048;

export interface BatchConfig {
  /** Maximum number of waiting events; further ones are lost, which is logged. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxBatchWaitMs: number;
  /** Batches a second on average, and burst size; undefined: unlimited. */
  readonly throttle?: { readonly qps: number; readonly burst: number } | undefined;
  /** Whether batches may be sent concurrently, and so arrive out of order. */
  readonly concurrent?: boolean | undefined;
  /** Bytes of memory that events may take until they are sent; default: a share of the heap limit. */
  readonly maxBytes?: number | undefined;
  /** A further bound on these bytes, shared with other backends of the process. */
  readonly memory?: SharedBytes | undefined;
}

/** An event and the approximate memory it takes. */
interface Weighed {
  readonly event: AuditEvent;
  readonly bytes: number;
}

const weigh = async (event: AuditEvent): Promise<Weighed> => {
  const { requestObject, responseObject } = event;
  const objects =
    requestObject === undefined && responseObject === undefined ? [] : [requestObject, responseObject];
  const bytes = objects.length === 0 ? 0 : await inPieces(weightInPieces(objects));
  return { event, bytes: PLAIN_EVENT + bytes };
};

/** Collects events and passes them on in batches, in parallel with requests. */
export class BufferedAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #config: BatchConfig;
  readonly #logger: ErrorLog;
  readonly #throttle: TokenBucket | undefined;
  readonly #maxBytes: number;
  #buffer: Weighed[] = [];
  /** Memory of waiting events and of those being sent. */
  #bytes = 0;
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
    this.#maxBytes = config.maxBytes ?? auditBytes();
    this.#throttle = config.throttle && new TokenBucket(config.throttle);
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    let lost = 0;
    for (const event of events) {
      const weighed = await weigh(event);
      if (this.#hasRoom(weighed)) {
        this.#buffer.push(weighed);
        this.#bytes += weighed.bytes;
        this.#config.memory?.take(weighed.bytes);
      } else lost++;
    }
    if (lost > 0) {
      const why = this.#closed ? 'audit backend is shut down' : 'audit buffer queue blocked';
      this.#logger.error(`${lost} audit events are lost`, new Error(why));
    }
    if (this.#buffer.length >= this.#config.maxBatchSize) this.#send();
    else if (this.#buffer.length > 0) this.#schedule();
    return true;
  }

  #hasRoom({ bytes }: Weighed): boolean {
    const count = this.#buffer.length + this.#inFlight;
    if (this.#closed || count >= this.#config.bufferSize) return false;
    // A single event may take any size.
    if (count === 0) return true;
    const isShort = this.#config.memory?.hasRoom(this.#bytes, bytes) === false;
    return !isShort && this.#bytes + bytes <= this.#maxBytes;
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
      const bytes = batch.reduce((sum, weighed) => sum + weighed.bytes, 0);
      const events = batch.map(({ event }) => event);
      const sending = this.#sendBatch(events, this.#last).finally(() => {
        this.#inFlight -= batch.length;
        this.#bytes -= bytes;
        this.#config.memory?.give(bytes);
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
