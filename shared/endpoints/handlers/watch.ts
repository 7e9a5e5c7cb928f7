import type { ApiResponse, StreamBounds } from '../../request/api-request.ts';
import { isWebSocketRequest } from '../../request/web-socket-request.ts';
import type { RESTWatch, RESTWatchEvent, Watcher } from '../../rest/rest-storage.ts';
import { mapIteration } from '../../util/map-iteration.ts';
import { negotiateOutput } from '../codec/negotiation.ts';
import { acceptsGzip, GZIPPED } from '../codec/response-writers.ts';
import { WatchEncoder } from '../codec/watch-encoder.ts';
import { type RequestScope, restrictionsOf } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { breakSilence } from './break-silence.ts';
import { restListOptions } from './list-options.ts';

/** How long a host that can't stream collects the events of a watch before it answers. */
const BUFFERED_WATCH_MILLISECONDS = 5_000;
/** A buffered answer is sent when it reaches this many bytes: Lambda limits answers to 6 MB. */
const BUFFERED_WATCH_BYTES = 4 * 1024 * 1024;

export async function watchResource(
  context: ServingContext,
  scope: RequestScope,
  storage: Watcher,
): Promise<ApiResponse> {
  const mediaType = await negotiateOutput(context, scope.codecs, restrictionsOf(scope), {
    streaming: true,
  });
  const options = await restListOptions(context, scope);
  const encoder = new WatchEncoder({ context, scope, mediaType, storageVersion: storage.storageVersion });
  const { canStream, canUpgrade = false, streamBounds } = context.request;
  const asMessages = isWebSocketRequest(context.request);
  if (asMessages && !canUpgrade) {
    // WebSocket clients read an answer that isn't a WebSocket to its end before they inspect it.
    return { status: 200, headers: { 'content-type': encoder.contentType }, body: new Uint8Array() };
  }
  const reconnects = Boolean(options.timeoutSeconds);
  const seconds = options.timeoutSeconds || scope.minRequestTimeoutSeconds * (1 + Math.random());
  const longest = canStream ? longestWatch(streamBounds, reconnects) : BUFFERED_WATCH_MILLISECONDS;
  const milliseconds = Math.min(seconds * 1000, longest);
  const watch = await storage.watch(context, options);
  const timer = setTimeout(() => watch.stop(), Math.min(milliseconds, MAX_TIMER));
  timer.unref();
  const stop = (): void => watch.stop();
  if (context.signal.aborted) stop();
  context.signal.addEventListener('abort', stop, { once: true });
  const body = frames(watch, encoder, context.watchMetrics?.sender(scope.resource), () => {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', stop);
  });
  const headers = { 'content-type': encoder.contentType };
  if (asMessages) {
    return { status: 101, headers, body: messages(body, encoder.lengthBytes), isText: encoder.isText };
  }
  if (!canStream) return { status: 200, headers, body: await collect(body, watch) };
  // Clients that set no timeout, such as `kubectl get --watch`, would treat the end of the answer as the end of the
  // watch.
  const filler = reconnects ? undefined : encoder.filler;
  const bounded =
    streamBounds === undefined ? body : breakSilence(body, { afterMs: streamBounds.silenceMs, filler, stop });
  if (!options.sendInitialEvents || !acceptsGzip(context, 'WatchListCompression')) {
    return { status: 200, headers, body: bounded };
  }
  const { gzipFrames } = await import('../../util/gzip-frames.ts');
  return { status: 200, headers: { ...headers, ...GZIPPED }, body: gzipFrames(bounded) };
}

/** Fraction by which limits on watches vary, so that watches that started together don't all reconnect at once. */
const WATCH_JITTER = 0.2;

function longestWatch(bounds: StreamBounds | undefined, reconnects: boolean): number {
  if (bounds === undefined || !reconnects) return Number.POSITIVE_INFINITY;
  return bounds.watchMs * (1 - WATCH_JITTER * Math.random());
}

/** The maximum delay of a timer in milliseconds; longer timers fire immediately. */
const MAX_TIMER = 2 ** 31 - 1;

function frames(
  watch: RESTWatch,
  encoder: WatchEncoder,
  sent: ((bytes: number) => void) | undefined,
  finish: () => void,
): AsyncIterable<Uint8Array> {
  const counted = (frame: Uint8Array): Uint8Array => {
    sent?.(frame.byteLength);
    return frame;
  };
  const encode = (event: RESTWatchEvent): Uint8Array | Promise<Uint8Array> => {
    const frame = encoder.encode(event);
    return frame instanceof Promise ? frame.then(counted) : counted(frame);
  };
  return mapIteration(watch, encode, {
    recover: (error) => encoder.encodeError(error),
    onEnd: () => {
      watch.stop();
      finish();
    },
  });
}

/** Frames without the length prefix, which message-based transports don't need. */
async function* messages(
  frames: AsyncIterable<Uint8Array>,
  lengthBytes: number,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const frame of frames) yield frame.subarray(lengthBytes);
}

/** Collects all events until the watch ends. */
async function collect(body: AsyncIterable<Uint8Array>, watch: RESTWatch): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > BUFFERED_WATCH_BYTES) watch.stop();
  }
  return Buffer.concat(chunks);
}
