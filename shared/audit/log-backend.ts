/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/audit/log/backend.go */

import { quote } from '../runtime/go-format.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { AuditBackend } from './backend.ts';
import type { AuditEvent } from './event.ts';
import { eventJSON } from './event-json.ts';
import type { AuditLogFormat } from './log-formats.ts';

/** Writes text to the log; resolves when it is written. */
export type WriteLine = (text: string) => Promise<void>;

const listed = (values: readonly string[] | undefined, none: string): string =>
  values?.length ? values.map(quote).join(',') : none;

/** The one-line text format. */
export function formatLegacy(event: AuditEvent): string {
  const { user, impersonatedUser } = event;
  const fields = [
    ['id', event.auditID],
    ['stage', event.stage],
    ['ip', event.sourceIPs?.[0] ?? '<unknown>'],
    ['method', event.verb],
    ['user', user.username || '<none>'],
    ['groups', user.username ? listed(user.groups, '<none>') : '<none>'],
    ['as', impersonatedUser ? (impersonatedUser.username ?? '') : '<self>'],
    ['asgroups', listed(impersonatedUser?.groups, '<lookup>')],
    ['user-agent', event.userAgent ?? ''],
    ['namespace', event.objectRef?.namespace || '<none>'],
    ['uri', event.requestURI],
  ].map(([name, value]) => `${name}=${quote(value!)}`);
  const response = event.responseStatus ? String(event.responseStatus.code ?? 0) : '<deferred>';
  return `${event.requestReceivedTimestamp} AUDIT: ${fields.join(' ')} response="${response}"`;
}

type Format = (event: AuditEvent) => string | Promise<string>;

const FORMATS: Readonly<Record<AuditLogFormat, Format>> = {
  legacy: formatLegacy,
  json: eventJSON,
};

/** Writes one line per event, in order. */
export class LogAuditBackend implements AuditBackend {
  readonly #write: WriteLine;
  readonly #format: Format;
  readonly #logger: ErrorLog;
  #written: Promise<unknown> = Promise.resolve();
  readonly #logging = new Set<Promise<boolean>>();

  constructor(write: WriteLine, format: AuditLogFormat, logger: ErrorLog) {
    this.#write = write;
    this.#format = FORMATS[format];
    this.#logger = logger;
  }

  processEvents(events: readonly AuditEvent[]): Promise<boolean> {
    const logging = this.#log(events).finally(() => this.#logging.delete(logging));
    this.#logging.add(logging);
    return logging;
  }

  async #log(events: readonly AuditEvent[]): Promise<boolean> {
    try {
      const lines: string[] = [];
      // Formatted before it is queued, so that small events don't wait for large ones.
      for (const event of events) {
        const line = this.#format(event);
        lines.push(typeof line === 'string' ? line : await line, '\n');
      }
      const writing = this.#written.then(() => this.#write(lines.join('')));
      this.#written = writing.catch(() => undefined);
      await writing;
      return true;
    } catch (error) {
      this.#logger.error('Unable to write audit events', error);
      return false;
    }
  }

  async flush(): Promise<void> {
    await Promise.all(this.#logging);
  }

  close(): Promise<void> {
    return this.flush();
  }
}
