/**
 * Trace spans: the parts of a request and their duration. Without tracing, a span costs one AsyncLocalStorage lookup.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** Undefined values are left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  /** Starts a child span at `startedAt` (milliseconds since the epoch; default: now). */
  child(name: string, attributes?: SpanAttributes, startedAt?: number): Span;
  set(attributes: SpanAttributes): void;
  /** Marks the operation as failed. */
  fail(error: unknown): void;
  /** Ends the span; later calls do nothing. */
  end(): void;
  /** Header fields that propagate the trace to another server (W3C Trace Context). */
  headers(): Readonly<Record<string, string>>;
}

/** A request, at the start of its span. */
export interface TracedRequest {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Returns a header field of the request; `name` in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Whether the client may choose the trace that the spans belong to, and thereby whether they are sampled. */
  readonly isTrusted: boolean;
  readonly attributes: SpanAttributes;
}

export interface Tracer {
  start(request: TracedRequest): Span;
  /** Exports ended spans. Never rejects; waits only for a bounded time. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const running = new AsyncLocalStorage<Span>();

/** The active span; undefined without tracing. */
export function currentSpan(): Span | undefined {
  return running.getStore();
}

/** Runs `work`, and anything it calls and awaits, with `span` active. */
export function runIn<R>(span: Span, work: () => R): R {
  return running.run(span, work);
}

/** Runs `work` in a child of the active span. */
export function inSpan<R>(
  name: string,
  attributes: () => SpanAttributes,
  work: (span: Span | undefined) => Promise<R>,
): Promise<R> {
  const parent = running.getStore();
  return parent === undefined ? work(undefined) : workIn(parent.child(name, attributes()), work);
}

async function workIn<R>(span: Span, work: (span: Span) => Promise<R>): Promise<R> {
  try {
    return await running.run(span, work, span);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Trace headers of the active span, for a request to another server. */
export function traceHeaders(): Readonly<Record<string, string>> {
  return running.getStore()?.headers() ?? NO_HEADERS;
}
