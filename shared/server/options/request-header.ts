import type { CompletedOptions } from './completed-options.ts';
import { featureEnabled } from './feature-gates.ts';

/** Headers in which front proxies tell UIDs; none where they don't tell any. */
export const requestheaderUIDHeaders = (options: CompletedOptions): readonly string[] =>
  featureEnabled(options, 'RemoteRequestHeaderUID') ? options.requestheaderUIDHeaders : [];
