import type { CompletedOptions } from './completed-options.ts';
import { featureEnabled } from './feature-gates.ts';

/** Headers in which front proxies pass UIDs; empty if the feature gate is off. */
export const requestheaderUIDHeaders = (options: CompletedOptions): readonly string[] =>
  featureEnabled(options, 'RemoteRequestHeaderUID') ? options.requestheaderUIDHeaders : [];
