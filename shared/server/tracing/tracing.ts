/** Requests that are traced: what the chain of filters needs for it. Loaded where `--tracing-config-file` asks for it. */

import { inFilterSpan, withTracing } from '../../endpoints/filters/tracing.ts';
import type { Filter } from '../../endpoints/routing/handler.ts';
import type { Tracer } from '../../util/spans.ts';
import { newOTLPTracer, type OTLPTracerOptions } from './otlp-tracer.ts';

export interface Tracing {
  readonly tracer: Tracer;
  /** Opens and ends a request's span. */
  readonly filter: Filter;
  /** The filter, in a span of its own. */
  readonly around: (name: string, filter: Filter) => Filter;
}

/** `flushEachRequest`: the host may be frozen as soon as an answer has ended. */
export function buildTracing(options: OTLPTracerOptions, flushEachRequest: boolean): Tracing {
  const tracer = newOTLPTracer(options);
  return { tracer, filter: withTracing({ tracer, flushEachRequest }), around: inFilterSpan };
}
