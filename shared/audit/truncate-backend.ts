/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/truncate/truncate.go */

import type { ErrorLog } from '../util/logger.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';
import { eventJSON } from './event-json.ts';

export interface TruncateConfig {
  /** Bytes of JSON. */
  readonly maxEventSize: number;
  readonly maxBatchSize: number;
}

const TRUNCATED = 'audit.k8s.io/truncated';

const sizeOf = async (event: AuditEvent): Promise<number> => Buffer.byteLength(await eventJSON(event));

function withoutObjects({
  requestObject: _request,
  responseObject: _response,
  ...event
}: AuditEvent): AuditEvent {
  return { ...event, annotations: { ...event.annotations, [TRUNCATED]: 'true' } };
}

/** Removes the objects from events that are too large, and splits batches that are. */
export class TruncateAuditBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #config: TruncateConfig;
  readonly #logger: ErrorLog;

  constructor(delegate: AuditBackend, config: TruncateConfig, logger: ErrorLog) {
    this.#delegate = delegate;
    this.#config = config;
    this.#logger = logger;
  }

  async processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    const { maxEventSize, maxBatchSize } = this.#config;
    let success = true;
    let batch: AuditEvent[] = [];
    let batchSize = 0;
    for (const given of events) {
      let event = given;
      let size = await sizeOf(event);
      if (size > maxEventSize) {
        event = withoutObjects(event);
        size = await sizeOf(event);
      }
      if (size > maxEventSize) {
        // Like upstream, the request doesn't fail.
        this.#logger.error('An audit event is lost', new Error('event is too large even after truncating'));
        continue;
      }
      if (batchSize + size > maxBatchSize && batch.length > 0) {
        success = (await this.#delegate.processEvents(batch)) && success;
        batch = [];
        batchSize = 0;
      }
      batch.push(event);
      batchSize += size;
    }
    if (batch.length > 0) success = (await this.#delegate.processEvents(batch)) && success;
    return success;
  }

  flush(): Promise<void> {
    return this.#delegate.flush();
  }

  close(): Promise<void> {
    return this.#delegate.close();
  }
}
