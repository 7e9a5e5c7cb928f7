/** Backends of audit events (https://github.com/kubernetes/apiserver/blob/master/pkg/audit/types.go). */

import type { AuditEvent } from './event.ts';

export interface AuditBackend {
  /** Accepts the events; false: they could not be stored, so their request must not be served. */
  processEvents(events: readonly AuditEvent[]): Promise<boolean>;
  /** Resolves when all events accepted so far have been sent, or given up. */
  flush(): Promise<void>;
  /** Flushes, and accepts no more events. */
  close(): Promise<void>;
}

/** Passes events to several backends, one after the other. */
export class UnionAuditBackend implements AuditBackend {
  readonly #backends: readonly AuditBackend[];

  constructor(backends: readonly AuditBackend[]) {
    this.#backends = backends;
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    let success = true;
    for (const backend of this.#backends) success = (await backend.processEvents(events)) && success;
    return success;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.flush()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }
}

/** Serves requests even if their events are lost: mode `blocking`, in place of `blocking-strict`. */
export class IgnoreErrorsAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;

  constructor(delegate: AuditBackend) {
    this.#delegate = delegate;
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    await this.#delegate.processEvents(events);
    return true;
  }

  flush(): Promise<void> {
    return this.#delegate.flush();
  }

  close(): Promise<void> {
    return this.#delegate.close();
  }
}
