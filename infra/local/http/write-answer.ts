/** Answers on their way to clients of HTTP/1.1 and HTTP/2: no faster than they are taken, and no longer than they are. */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import type { AnswerSize, ApiResponse } from '../../../shared/request/api-request.ts';
import { statusResponse } from '../../../shared/request/status-response.ts';
import { readyIterator } from '../../../shared/util/ready-iterator.ts';
import { type AnswersInFlight, SMALL_ANSWER } from './answers-in-flight.ts';
import { HEAP_PER_BYTE } from './bodies-in-flight.ts';

export type NodeResponse = ServerResponse | Http2ServerResponse;

/** So much of an answer is handed over before it is looked whether the client takes it. */
const SLICE_BYTES = 256 * 1024;
const RETRY_AFTER_SECONDS = 1;

/** Room for one answer, taken before it is put together. */
export class AnswerRoom {
  readonly #answers: AnswersInFlight;
  readonly #connection: object;
  #release: (() => void) | undefined;

  constructor(answers: AnswersInFlight, connection: object) {
    this.#answers = answers;
    this.#connection = connection;
  }

  /** Throws the 429 that is answered where there is none. */
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
  /** Whether the client went away. */
  readonly isGone: () => boolean;
  readonly answers: AnswersInFlight;
  /** What one client's requests come on. */
  readonly connection: object;
}

/**
 * Writes an answer; resolves when it is out of hand. A large one is answered with 429 where there is no room for it. A
 * client that doesn't take what it asked for is cut off: its connection of HTTP/1.1, its stream of HTTP/2.
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
        const slice = body.subarray(at, at + SLICE_BYTES);
        if (!(await isTaken(target, slice))) return;
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

/** Whatever is there is written at once: of a stream that thousands follow, an event costs no promise. */
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
      // Counts from now on: who reads takes it before anybody looks.
      const inFlight = answers.begin(bytes, connection, () => cut(target));
      if (inFlight === undefined) {
        cut(target);
        leave();
        return;
      }
      whenDrained(target, full, () => {
        inFlight.end();
        write();
      });
    };
    const write = (): void => {
      try {
        for (let taken = source.take(); taken !== undefined; taken = source.take()) {
          if (taken.done) {
            target.end();
            resolve();
            return;
          }
          if (isGone()) {
            leave();
            return;
          }
          const full = writePiece(target, taken.value);
          if (full !== undefined) {
            awaitRoom(taken.value.byteLength, full);
            return;
          }
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
/** What was written last, and its chunk: what thousands follow is framed once, and its chunk kept no longer than that. */
let last: { readonly piece: Uint8Array; readonly chunk: Buffer } | undefined;

/** A piece as HTTP/1.1 chunks it (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). */
function chunkOf(piece: Uint8Array): Buffer {
  if (last?.piece !== piece) {
    const size = Buffer.from(`${piece.byteLength.toString(16)}${CRLF}`, 'latin1');
    last = { piece, chunk: Buffer.concat([size, piece, Buffer.from(CRLF, 'latin1')]) };
  }
  return last.chunk;
}

/**
 * Writes a piece of an answer whose head is written; returns what has no room for more, if that is so. In chunks, Node
 * would hand the socket four pieces for each, which takes a fourth longer.
 */
function writePiece(target: ServerResponse, piece: Uint8Array): Writable | undefined {
  const { socket } = target;
  // Nothing, as a chunk, would be the end.
  const isChunked = target.chunkedEncoding && piece.byteLength > 0;
  if (!isChunked || socket === null || target.writableCorked > 0 || !socket.writable)
    return target.write(piece) ? undefined : target;
  return socket.write(chunkOf(piece)) ? undefined : socket;
}

/** Writes and waits until the client has taken it; false: the client is gone. */
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

/** When `full` has room for more, or the client is gone. */
function whenDrained(target: ServerResponse, full: Writable, then: () => void): void {
  const done = () => {
    full.off('drain', done);
    target.off('close', done);
    then();
  };
  full.on('drain', done);
  target.on('close', done);
}

/** Other streams of a connection of HTTP/2 go on. */
function cut(response: NodeResponse): void {
  if ('stream' in response && response.stream !== undefined) response.stream.destroy();
  else response.destroy();
}
