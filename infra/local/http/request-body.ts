/** A request's body, which isn't read until the caller is authorized to send it. */

import type { IncomingMessage } from 'node:http';
import { constants, Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';
import { newBadRequest, newRequestEntityTooLarge, StatusError } from '../../../shared/meta/status-error.ts';
import { type BodiesInFlight, SMALL_BODY } from './bodies-in-flight.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Determined by the class, never by the version in the request, which an HTTP/1 client can set freely. */
export const isHTTP2 = (request: NodeRequest): request is Http2ServerRequest =>
  request instanceof Http2ServerRequest;

/** Milliseconds after which a body's average rate must be at least this many bytes a second. */
const GRACE_MS = 10_000;
const MIN_BYTES_PER_SECOND = 16 * 1024;
const CHECK_MS = 1_000;
/** Bytes discarded after the response, so that the client can read it and reuse its connection. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;
/** An HTTP/2 stream can be closed without its connection: as much as clients send without flow control updates. */
const MAX_DISCARDED_OF_STREAM = 1024 * 1024;
const DISCARD_MS = 5_000;

const tooSlow = () =>
  new StatusError({
    code: 408,
    reason: 'Timeout',
    message: 'Timeout: the body of the request comes too slowly',
  });

/** Whether a body follows; without one, reading is skipped. */
export function hasBody(request: NodeRequest): boolean {
  if (isHTTP2(request)) return !request.stream.endAfterHeaders;
  return 'content-length' in request.headers || 'transfer-encoding' in request.headers;
}

export class RequestBody {
  readonly #request: NodeRequest;
  readonly #bodies: BodiesInFlight;
  #release: (() => void) | undefined;
  #isRead = false;
  #askFor: (() => void) | undefined;

  /** `askFor`: sends `100 Continue` to a client that waits for it. */
  constructor(request: NodeRequest, bodies: BodiesInFlight, askFor?: () => void) {
    this.#request = request;
    this.#bodies = bodies;
    this.#askFor = askFor;
  }

  /** Whether the client still waits for `100 Continue`. */
  get isAwaited(): boolean {
    return this.#askFor !== undefined;
  }

  /** See `ApiRequest.readBody`. Rejects with a 408 if the body arrives too slowly, with a 429 if there is no room. */
  async read(maxBytes: number, user: string): Promise<Uint8Array> {
    const declared = Number(this.#request.headers['content-length'] ?? 0);
    // A declared length that is too large is refused without reading.
    if (declared > maxBytes) throw newRequestEntityTooLarge(`limit is ${maxBytes}`);
    if (declared > SMALL_BODY) await this.#makeRoom(declared, user);
    this.#askFor?.();
    this.#askFor = undefined;
    return this.#collect(maxBytes, () => this.#makeRoom(maxBytes, user));
  }

  async #makeRoom(bytes: number, user: string): Promise<void> {
    this.#release = await this.#bodies.acquire(bytes, user);
  }

  /** `makeRoom`: called when the body turns out to be large without a declared length. */
  #collect(maxBytes: number, makeRoom: () => Promise<void>): Promise<Uint8Array> {
    const request = this.#request;
    let startedAt = performance.now();
    let isWaiting = false;
    const chunks: Buffer[] = [];
    let size = 0;
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        clearInterval(checking);
        request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
        // Later errors have no listener any more.
        request.on('error', () => undefined);
        request.pause();
        done();
      };
      const whole = () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size > maxBytes) settle(whole);
        else if (size > SMALL_BODY && this.#release === undefined && !isWaiting) {
          isWaiting = true;
          request.pause();
          makeRoom().then(
            () => {
              isWaiting = false;
              startedAt = performance.now();
              request.resume();
            },
            (error: unknown) => settle(() => reject(error)),
          );
        }
      };
      const onEnd = (): void => {
        this.#isRead = true;
        settle(whole);
      };
      const onError = (): void => settle(() => reject(newBadRequest('unexpected EOF')));
      const onClose = (): void => settle(() => reject(newBadRequest('unexpected EOF')));
      const checking = setInterval(() => {
        if (isWaiting) return;
        const elapsed = performance.now() - startedAt - GRACE_MS;
        if (elapsed > 0 && size < (elapsed / 1000) * MIN_BYTES_PER_SECOND + 1)
          settle(() => reject(tooSlow()));
      }, CHECK_MS);
      checking.unref();
      request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
      request.resume();
    });
  }

  /** Releases the body's room, when the request is complete. */
  release(): void {
    this.#release?.();
  }

  /** After the response: discards unread data, up to a limit; beyond it the client is cut off. */
  discardRest(): void {
    const request = this.#request;
    if (this.#isRead || request.destroyed) return;
    const { maxBytes, cutOff } = isHTTP2(request)
      ? { maxBytes: MAX_DISCARDED_OF_STREAM, cutOff: () => endStream(request.stream) }
      : { maxBytes: MAX_DISCARDED_BYTES, cutOff: () => request.destroy() };
    let left = maxBytes;
    const cut = setTimeout(cutOff, DISCARD_MS);
    request.on('error', () => undefined);
    const discard = (): void => {
      request.on('data', (chunk: Buffer) => {
        left -= chunk.byteLength;
        if (left < 0) cutOff();
      });
      request.resume();
    };
    const isSmall = Number(request.headers['content-length']) <= SMALL_BODY;
    const end = isSmall ? discard() : this.#bodies.discards.start(discard);
    const over = (): void => {
      clearTimeout(cut);
      end?.();
    };
    request.once('close', over).once('end', over);
  }
}

/** Go clients lose the unread part of a response whose stream is reset before its end. */
function endStream(stream: ServerHttp2Stream): void {
  const end = () => stream.close(constants.NGHTTP2_NO_ERROR);
  if (stream.writableFinished) end();
  else stream.once('finish', end);
}
