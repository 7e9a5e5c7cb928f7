/** Request tracing: the filters for the handler chain. Loaded if `--tracing-config-file` enables it. */

import { inFilterSpan, type TracingConfig, withTracing } from '../../endpoints/filters/tracing.ts';
import type { Filter } from '../../endpoints/routing/handler.ts';
import type { Tracer } from '../../util/spans.ts';
import { newOTLPTracer, type OTLPTracerOptions } from './otlp-tracer.ts';

export interface Tracing {
  readonly tracer: Tracer;
  /** Starts and ends the span of a request. */
  readonly filter: Filter;
  /** Wraps a filter in a span of its own. */
  readonly around: (name: string, filter: Filter) => Filter;
}

/** `flushEachRequest`: the host may freeze the process as soon as an answer has ended. */
export function buildTracing(
  options: OTLPTracerOptions,
  handling: Pick<TracingConfig, 'flushEachRequest' | 'trustsClients'>,
): Tracing {
  const tracer = newOTLPTracer(options);
  return { tracer, filter: withTracing({ tracer, ...handling }), around: inFilterSpan };
}
