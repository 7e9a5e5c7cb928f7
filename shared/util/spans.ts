/**
 * Spans of a trace: what a request is in the middle of, and how long each part of it took. Where nobody traces, a part
 * costs one look at what runs.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** What is undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  /** One below it, which began at `startedAt` (milliseconds since the epoch; absent: now). */
  child(name: string, attributes?: SpanAttributes, startedAt?: number): Span;
  set(attributes: SpanAttributes): void;
  /** What it is about did not come off. */
  fail(error: unknown): void;
  /** Once; later calls do nothing. */
  end(): void;
  /** Header fields by which another server makes its spans parts of the same trace (W3C Trace Context). */
  headers(): Readonly<Record<string, string>>;
}

/** A request, as its span begins. */
export interface TracedRequest {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** A header field of the request, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Whether its spans may be part of a trace that the client names, and so be kept because the client says so. */
  readonly isTrusted: boolean;
  readonly attributes: SpanAttributes;
}

export interface Tracer {
  start(request: TracedRequest): Span;
  /** Sends what has ended. Never rejects, and does not wait for long. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const running = new AsyncLocalStorage<Span>();

/** The span of what runs; undefined where nobody traces. */
export function currentSpan(): Span | undefined {
  return running.getStore();
}

/** Runs `work`, and whatever it calls and awaits, in `span`. */
export function runIn<R>(span: Span, work: () => R): R {
  return running.run(span, work);
}

/** Runs `work` in a span below the current one. */
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

/** Header fields for a request to another server. */
export function traceHeaders(): Readonly<Record<string, string>> {
  return running.getStore()?.headers() ?? NO_HEADERS;
}
