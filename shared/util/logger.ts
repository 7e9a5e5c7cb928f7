/** What a server says of itself to those who run it. The host decides where it goes. */

export interface Logger {
  /** A fault that no client caused. */
  error(message: string, error?: unknown): void;
  /** Something that will not work for ever. */
  warning(message: string): void;
}

/** One thing said. */
export interface LogRecord {
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** With its stack. */
  readonly error?: string;
}

/** A logger that makes a record of each thing said. Its functions need no `this`. */
export function newLogger(write: (record: LogRecord) => void): Logger {
  return {
    error: (message, error) =>
      write({ level: 'error', message, ...(error !== undefined && { error: withStack(error) }) }),
    warning: (message) => write({ level: 'warning', message }),
  };
}

/** The same logger, where `name` stands before each message. */
export function namedLogger(name: string, logger: Logger): Logger {
  return {
    error: (message, error) => logger.error(`${name}: ${message}`, error),
    warning: (message) => logger.warning(`${name}: ${message}`),
  };
}

function withStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
