/**
 * The server's log for its operators. The host chooses destination and format (log-lines.ts has Kubernetes' formats).
 * Credentials, object data, bodies and queries are never logged.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** Structured values of a log line, by name. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * The verbosity at which each kind of message is logged. Kubernetes components log comparable detail at these levels:
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-instrumentation/logging.md
 */
export const VERBOSITY = {
  /** Startup, configuration and shutdown. */
  start: 2,
  /** A line for each completed request. */
  requests: 3,
  /** Each storage call and each turn of a controller. */
  storage: 4,
  /** Each snapshot of a whole resource in memory: policies, roles and other objects that decide on a request. */
  snapshots: 5,
  /** Each call to a webhook, a remote API server or an issuer. */
  calls: 6,
} as const;

export interface Logger {
  /** klog's `--v`: messages above it are left out. */
  readonly verbosity: number;
  /** Logs a fault not caused by a client. */
  error(message: string, error?: unknown, fields?: LogFields): void;
  /** Logs a condition that will eventually fail. */
  warning(message: string, fields?: LogFields): void;
  /** Logs normal operation; left out if `verbosity` is above the logger's. */
  info(verbosity: number, message: string, fields?: LogFields): void;
  /** A logger for the same log that adds these fields to every line. */
  with(fields: LogFields): Logger;
  /** A logger for the same log at another verbosity. */
  at(verbosity: number): Logger;
  /**
   * Adds these fields to every line logged while `run`, or anything it calls and awaits, is running. Has a runtime
   * cost.
   */
  during<T>(fields: LogFields, run: () => T): T;
}

/** For code that only reports faults. */
export type ErrorLog = Pick<Logger, 'error'>;

/** A log entry. */
export interface LogRecord {
  readonly level: 'error' | 'warning' | 'info';
  /** Of level `info` only. */
  readonly verbosity?: number;
  readonly message: string;
  /** Message and stack. */
  readonly error?: string;
  readonly fields: LogFields;
}

/** A logger that passes each record to `write`, at `verbosity`, 0 by default. */
export function newLogger(write: (record: LogRecord) => void, verbosity = 0): Logger {
  return new RecordLogger({ write, scope: new AsyncLocalStorage() }, verbosity, {});
}

/** State shared by all loggers of a log. */
interface Log {
  readonly write: (record: LogRecord) => void;
  /** The fields added by `during`. */
  readonly scope: AsyncLocalStorage<LogFields>;
}

class RecordLogger implements Logger {
  readonly verbosity: number;
  readonly #log: Log;
  readonly #fields: LogFields;

  constructor(log: Log, verbosity: number, fields: LogFields) {
    this.#log = log;
    this.verbosity = verbosity;
    this.#fields = fields;
  }

  error(message: string, error?: unknown, fields?: LogFields): void {
    this.#log.write({
      level: 'error',
      message,
      ...(error !== undefined && { error: withStack(error) }),
      fields: this.#all(fields),
    });
  }

  warning(message: string, fields?: LogFields): void {
    this.#log.write({ level: 'warning', message, fields: this.#all(fields) });
  }

  info(verbosity: number, message: string, fields?: LogFields): void {
    if (verbosity > this.verbosity) return;
    this.#log.write({ level: 'info', verbosity, message, fields: this.#all(fields) });
  }

  with(fields: LogFields): Logger {
    return new RecordLogger(this.#log, this.verbosity, { ...this.#fields, ...fields });
  }

  at(verbosity: number): Logger {
    return new RecordLogger(this.#log, verbosity, this.#fields);
  }

  during<T>(fields: LogFields, run: () => T): T {
    const { scope } = this.#log;
    return scope.run({ ...scope.getStore(), ...fields }, run);
  }

  #all(fields: LogFields | undefined): LogFields {
    return { ...this.#fields, ...this.#log.scope.getStore(), ...fields };
  }
}

function withStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
