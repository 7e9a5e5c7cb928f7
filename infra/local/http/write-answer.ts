/** Writes responses to HTTP/1.1 and HTTP/2 clients, no faster than they are received; stalled clients are cut off. */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import type { AnswerSize, ApiResponse } from '../../../shared/request/api-request.ts';
import { statusResponse } from '../../../shared/request/status-response.ts';
import { breathe } from '../../../shared/util/breathe.ts';
import { HEAP_PER_BYTE } from '../../../shared/util/byte-shares.ts';
import { readyIterator } from '../../../shared/util/ready-iterator.ts';
import { currentTurn, keepTurn, takeTurn } from '../../../shared/util/turns.ts';
import { type AnswersInFlight, SMALL_ANSWER } from './answers-in-flight.ts';

export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Bytes of a response to write before checking whether the client receives them. */
const SLICE_BYTES = 256 * 1024;
/** Encrypting a larger piece takes long enough to let other work run first: thousands may watch the same stream. */
const LARGE_PIECE = 16 * 1024;
const RETRY_AFTER_SECONDS = 1;

/** Room for one response, reserved before it is assembled. */
export class AnswerRoom {
  readonly #answers: AnswersInFlight;
  readonly #connection: object;
  #release: (() => void) | undefined;

  constructor(answers: AnswersInFlight, connection: object) {
    this.#answers = answers;
    this.#connection = connection;
  }

  /** Throws a 429 if there is no room. */
  claim({ bytes, objectBytes }: AnswerSize): void {
    const all = bytes + objectBytes * HEAP_PER_BYTE;
    if (all <= SMALL_ANSWER) return;
    this.release();
    this.#release = this.#answers.claim(all, this.#connection);
    if (this.#release === undefined) throw noRoom();
  }

  /** Idempotent. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

const noRoom = () =>
  newTooManyRequests(
    'Too many large objects are in flight, or wait for clients that read slowly, please try again later.',
    RETRY_AFTER_SECONDS,
  );

export interface AnswerWay {
  /** Whether the client is gone. */
  readonly isGone: () => boolean;
  readonly answers: AnswersInFlight;
  /** Identifies one client's requests. */
  readonly connection: object;
}

/**
 * Writes a response; resolves when it is handed to the socket. A large one is replaced by 429 if there is no room for
 * it. A client that doesn't receive the response is cut off: its HTTP/1.1 connection, its HTTP/2 stream.
 */
export async function writeAnswer(
  answer: ApiResponse,
  response: NodeResponse,
  way: AnswerWay,
): Promise<void> {
  const target = response as ServerResponse;
  const { body } = answer;
  if (!(body instanceof Uint8Array)) {
    writeHead(answer, target);
    target.flushHeaders();
    await writeChunks(body, target, way);
  } else if (body.byteLength <= SMALL_ANSWER) {
    writeWhole(answer, body, target);
  } else {
    const inFlight = way.answers.begin(body.byteLength, way.connection, () => cut(response));
    if (inFlight === undefined) {
      const refusal = statusResponse(noRoom());
      writeWhole(refusal, refusal.body as Uint8Array, target);
      return;
    }
    target.setHeader('content-length', body.byteLength);
    writeHead(answer, target);
    try {
      for (let at = 0; at < body.byteLength && !way.isGone(); at += SLICE_BYTES) {
        // Many clients may be ready for the next slice at once.
        await breathe();
        const slice = body.subarray(at, at + SLICE_BYTES);
        if (!(await keepTurn(isTaken(target, slice)))) return;
        inFlight.moved(slice.byteLength);
      }
    } finally {
      inFlight.end();
    }
    target.end();
  }
}

function writeHead({ status, headers }: ApiResponse, target: ServerResponse): void {
  target.statusCode = status;
  for (const [name, value] of Object.entries(headers)) target.setHeader(name, value as string | string[]);
}

function writeWhole(answer: ApiResponse, body: Uint8Array, target: ServerResponse): void {
  writeHead(answer, target);
  target.setHeader('content-length', body.byteLength);
  target.end(body);
}

/** Writes available chunks synchronously, so that an event for thousands of watchers needs no promises. */
function writeChunks(
  chunks: AsyncIterable<Uint8Array>,
  target: ServerResponse,
  { isGone, answers, connection }: AnswerWay,
): Promise<void> {
  const source = readyIterator(chunks);
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      source.return().then(() => resolve(), reject);
    };
    const awaitRoom = (bytes: number, full: Writable): void => {
      // Counted from now on; a client that reads makes progress before the next check.
      const inFlight = answers.begin(bytes, connection, () => cut(target));
      if (inFlight === undefined) {
        cut(target);
        leave();
        return;
      }
      const turn = currentTurn();
      whenDrained(target, full, () => {
        inFlight.end();
        takeTurn(turn);
        write();
      });
    };
    /** Returns false if the response has ended, or continues by itself. */
    const send = (piece: Uint8Array): boolean => {
      if (isGone()) {
        leave();
        return false;
      }
      const full = writePiece(target, piece);
      if (full === undefined) return true;
      awaitRoom(piece.byteLength, full);
      return false;
    };
    const write = (): void => {
      try {
        for (let taken = source.take(); taken !== undefined; taken = source.take()) {
          if (taken.done) {
            target.end();
            resolve();
            return;
          }
          const { value } = taken;
          const pause = value.byteLength > LARGE_PIECE ? breathe() : undefined;
          if (pause !== undefined) {
            pause.then(() => send(value) && write()).catch(reject);
            return;
          }
          if (!send(value)) return;
        }
        source.whenReady(write);
      } catch (error) {
        reject(error);
      }
    };
    write();
  });
}

const CRLF = '\r\n';
/** The last piece and its chunk: a piece sent to thousands of clients is framed once, and kept until the next one. */
let last: { readonly piece: Uint8Array; readonly chunk: Buffer } | undefined;

/** Frames a piece as an HTTP/1.1 chunk (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). */
function chunkOf(piece: Uint8Array): Buffer {
  if (last?.piece !== piece) {
    const size = Buffer.from(`${piece.byteLength.toString(16)}${CRLF}`, 'latin1');
    last = { piece, chunk: Buffer.concat([size, piece, Buffer.from(CRLF, 'latin1')]) };
  }
  return last.chunk;
}

/**
 * Writes a piece of a response whose header is written; returns the stream that is full, if one is. With chunked
 * encoding, Node would write four pieces for each, which takes a fourth longer.
 */
function writePiece(target: ServerResponse, piece: Uint8Array): Writable | undefined {
  const { socket } = target;
  // An empty chunk would end the response.
  const isChunked = target.chunkedEncoding && piece.byteLength > 0;
  if (!isChunked || socket === null || target.writableCorked > 0 || !socket.writable)
    return target.write(piece) ? undefined : target;
  return socket.write(chunkOf(piece)) ? undefined : socket;
}

/** Writes a slice, and waits until the client has received it; false: the client is gone. */
function isTaken(target: ServerResponse, slice: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const close = () => resolve(false);
    target.once('close', close);
    target.write(slice, (error) => {
      target.off('close', close);
      resolve(!error);
    });
  });
}

/** Calls `then` when `full` has drained, or the client is gone. */
function whenDrained(target: ServerResponse, full: Writable, then: () => void): void {
  const done = () => {
    full.off('drain', done);
    target.off('close', done);
    then();
  };
  full.on('drain', done);
  target.on('close', done);
}

/** For HTTP/2, other streams of the connection continue. */
function cut(response: NodeResponse): void {
  if ('stream' in response && response.stream !== undefined) response.stream.destroy();
  else response.destroy();
}
