import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { jsonLine, textLine } from '../../shared/util/log-lines.ts';
import { type Logger, newLogger } from '../../shared/util/logger.ts';

/** A line on standard error for each thing said, as `--v` and `--logging-format` ask for it. */
export function localLogger(options: Partial<Pick<ServerRunOptions, 'verbosity' | 'loggingFormat'>>): Logger {
  const { verbosity = 0, loggingFormat = 'text' } = options;
  // What else it may be is refused where the options are checked.
  const line = loggingFormat === 'json' ? jsonLine : textLine;
  return newLogger((record) => process.stderr.write(`${line(record)}\n`), verbosity);
}
