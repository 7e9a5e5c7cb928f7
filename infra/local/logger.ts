import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { jsonLine, textLine } from '../../shared/util/log-lines.ts';
import { type Logger, newLogger } from '../../shared/util/logger.ts';

/** Logs to standard error, one line per message, by `--v` and `--logging-format`. */
export function localLogger(options: Partial<Pick<ServerRunOptions, 'verbosity' | 'loggingFormat'>>): Logger {
  const { verbosity = 0, loggingFormat = 'text' } = options;
  // Other formats are rejected when the options are checked.
  const line = loggingFormat === 'json' ? jsonLine : textLine;
  return newLogger((record) => process.stderr.write(`${line(record)}\n`), verbosity);
}
