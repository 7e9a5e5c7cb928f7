/**
 * What a server says of itself to those who run it. The host decides where it goes, and in which form
 * (log-lines.ts has Kubernetes'). Never said: credentials, data of objects, bodies, queries.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** What a line is about, by name. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * What is said from which verbosity on. Components of Kubernetes say as much at these:
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-instrumentation/logging.md
 */
export const VERBOSITY = {
  /** What the server is made of, its start and its end. */
  start: 2,
  /** A line for each request that has ended. */
  requests: 3,
  /** Each call of the storage, each turn of a controller. */
  storage: 4,
  /** Each look at a whole resource in memory: policies, roles, what a request is judged by. */
  snapshots: 5,
  /** Each call of a webhook, a remote API server or an issuer. */
  calls: 6,
} as const;

export interface Logger {
  /** klog's `--v`: what is said above it is left out. */
  readonly verbosity: number;
  /** A fault that no client caused. */
  error(message: string, error?: unknown, fields?: LogFields): void;
  /** Something that will not work for ever. */
  warning(message: string, fields?: LogFields): void;
  /** What went as it should: left out unless `verbosity` is within the logger's. */
  info(verbosity: number, message: string, fields?: LogFields): void;
  /** The same log, where every line has these fields too. */
  with(fields: LogFields): Logger;
  /** The same log at another verbosity. */
  at(verbosity: number): Logger;
  /** Every line has these fields that is said while `run` runs, by whatever it calls and awaits. It costs time. */
  during<T>(fields: LogFields, run: () => T): T;
}

/** For those who only have faults to tell. */
export type ErrorLog = Pick<Logger, 'error'>;

/** One thing said. */
export interface LogRecord {
  readonly level: 'error' | 'warning' | 'info';
  /** Of `info`. */
  readonly verbosity?: number;
  readonly message: string;
  /** With its stack. */
  readonly error?: string;
  readonly fields: LogFields;
}

/** A logger that makes a record of each thing said, at `verbosity`, 0 unless given. */
export function newLogger(write: (record: LogRecord) => void, verbosity = 0): Logger {
  return new RecordLogger({ write, scope: new AsyncLocalStorage() }, verbosity, {});
}

/** What all loggers of a log share. */
interface Log {
  readonly write: (record: LogRecord) => void;
  /** The fields of what runs. */
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
