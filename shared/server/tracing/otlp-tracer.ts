/**
 * OpenTelemetry traces, sent to a collector with OTLP over gRPC
 * (https://github.com/kubernetes/component-base/blob/master/tracing/tracing.go).
 */

import { credentials } from '@grpc/grpc-js';
import {
  type Attributes,
  type Context,
  type Span as OpenTelemetrySpan,
  type Tracer as OpenTelemetryTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../../util/logger.ts';
import { reasonOf } from '../../util/reason-of.ts';
import type { Span, SpanAttributes, TracedRequest, Tracer } from '../../util/spans.ts';
import type { TracingConfiguration } from './tracing-configuration.ts';

export interface OTLPTracerOptions {
  readonly configuration: TracingConfiguration;
  /** Attributes of all spans that identify their source. */
  readonly resource: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

const SCOPE = 'zeroplane';
const MILLION = 1_000_000;
/** Limit in milliseconds on the wait for the collector at the end of an answer or on shutdown. */
const FLUSH_MS = 500;
const EXPORT_MS = 2_000;
const propagator = new W3CTraceContextPropagator();

export function newOTLPTracer({ configuration, resource, logger }: OTLPTracerOptions): Tracer {
  const { endpoint, samplingRatePerMillion: rate } = configuration;
  const exporter = new OTLPTraceExporter({
    url: urlOf(endpoint),
    credentials: credentials.createInsecure(),
    timeoutMillis: EXPORT_MS,
  });
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({
      root: rate > 0 ? new TraceIdRatioBasedSampler(rate / MILLION) : new AlwaysOffSampler(),
    }),
    resource: resourceFromAttributes({ 'service.name': 'apiserver', ...resource }),
    spanProcessors: [new BatchSpanProcessor({ exporter: loggingFailures(exporter, endpoint, logger) })],
  });
  const tracer = provider.getTracer(SCOPE);
  return {
    start: (request) => rootSpan(tracer, request),
    flush: () => provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => {}),
    async close() {
      await provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => {});
      void provider.shutdown().catch(() => {});
    },
  };
}

/** Converts a target in gRPC's naming to the exporter's URL form. */
function urlOf(endpoint: string): string {
  if (endpoint.startsWith('unix:')) return endpoint;
  return `http://${endpoint.replace(/^dns:\/\/[^/]*\/?/, '')}`;
}

/** Wraps the exporter to log failures: the first one of each series. */
function loggingFailures(exporter: SpanExporter, endpoint: string, logger: Logger): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isFailing) {
          logger.warning(`traces can't be sent to ${endpoint}: ${reasonOf(result.error)}`);
        }
        isFailing = failed;
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

function rootSpan(tracer: OpenTelemetryTracer, request: TracedRequest): Span {
  const { name, startedAt, header, isTrusted, attributes } = request;
  const named = propagator.extract(ROOT_CONTEXT, header, {
    get: (get, key) => get(key),
    keys: () => propagator.fields(),
  });
  const context = trace.getSpanContext(named);
  const span = tracer.startSpan(
    name,
    {
      kind: SpanKind.SERVER,
      startTime: startedAt,
      attributes: given(attributes),
      // Any client can send a trace context. An untrusted one is only linked from a new trace.
      ...(!isTrusted && context !== undefined && { links: [{ context }] }),
    },
    isTrusted ? named : ROOT_CONTEXT,
  );
  return new TracerSpan(tracer, span, ROOT_CONTEXT);
}

class TracerSpan implements Span {
  readonly #tracer: OpenTelemetryTracer;
  readonly #span: OpenTelemetrySpan;
  readonly #context: Context;
  #ended = false;

  constructor(tracer: OpenTelemetryTracer, span: OpenTelemetrySpan, parent: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  child(name: string, attributes: SpanAttributes = {}, startTime?: number): Span {
    const options = { attributes: given(attributes), ...(startTime !== undefined && { startTime }) };
    return new TracerSpan(this.#tracer, this.#tracer.startSpan(name, options, this.#context), this.#context);
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(given(attributes));
  }

  fail(error: unknown): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: String(reasonOf(error)) });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#span.end();
  }

  headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    propagator.inject(this.#context, headers, {
      set: (carrier, key, value) => {
        carrier[key] = value;
      },
    });
    return headers;
  }
}

function given(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as Attributes;
}
