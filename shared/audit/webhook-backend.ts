/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/webhook/webhook.go */

import { type Backoff, type GenericWebhook, withBackoff } from '../request/webhook/generic-webhook.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';
import { eventJSON } from './event-json.ts';

/** Sends events immediately, as EventLists. */
export class WebhookAuditBackend implements AuditBackend {
  readonly #client: GenericWebhook;
  readonly #backoff: Backoff;
  readonly #logger: ErrorLog;
  readonly #sending = new Set<Promise<boolean>>();

  readonly #abandoned: AbortSignal | undefined;

  /** `abandoned`: aborts when events that have not been sent are given up. */
  constructor(client: GenericWebhook, backoff: Backoff, logger: ErrorLog, abandoned?: AbortSignal) {
    this.#client = client;
    this.#backoff = backoff;
    this.#logger = logger;
    this.#abandoned = abandoned;
  }

  processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    const sending = this.#send(events).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
    return sending;
  }

  async #send(items: readonly AuditEvent[]): Promise<boolean> {
    try {
      const texts: string[] = [];
      for (const item of items) texts.push(await eventJSON(item));
      const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${texts.join()}]}`;
      const abandoned = this.#abandoned;
      await withBackoff(this.#backoff, () => this.#client.postText(list, abandoned), abandoned);
      return true;
    } catch (error) {
      this.#logger.error(`Unable to send ${items.length} audit events to the webhook`, error);
      return false;
    }
  }

  async flush(): Promise<void> {
    await Promise.all(this.#sending);
  }

  close(): Promise<void> {
    return this.flush();
  }
}
