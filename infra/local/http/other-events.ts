/**
 * Handles a server's events other than ordinary requests: bodies that await `100 Continue`, CONNECT, and malformed
 * HTTP/1.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { Duplex } from 'node:stream';
import { newMethodNotAllowed } from '../../../shared/endpoints/codec/statuses.ts';
import { newBadRequest, StatusError } from '../../../shared/meta/status-error.ts';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import { statusResponse } from '../../../shared/request/status-response.ts';
import { AnswersInFlight } from './answers-in-flight.ts';
import { type nodeListener, toApiRequest } from './node-adapter.ts';
import { isHTTP2, type NodeRequest } from './request-body.ts';
import { RequestsInFlight } from './requests-in-flight.ts';
import { answerPlainly } from './upgrade-listener.ts';
import type { NodeResponse } from './write-answer.ts';

/**
 * Maximum bytes of a request's target and header fields; kube-apiserver allows 1 MiB for every caller. HTTP/2 allows 64
 * KiB per field.
 */
export const MAX_HEADER_BYTES = 128 * 1024;

/** `listener`: the one that `server` was created with. */
export function listenToOtherEvents(
  server: Server | Http2SecureServer,
  handler: ApiHandler,
  listener: ReturnType<typeof nodeListener>,
  answers = new AnswersInFlight(),
): RequestsInFlight {
  const inFlight = new RequestsInFlight();
  const begin = (request: NodeRequest, response: NodeResponse): void => {
    if (!isHTTP2(request)) inFlight.begin(request, response as Parameters<typeof inFlight.begin>[1]);
  };
  const events = server as Server;
  events.prependListener('request', begin);
  events.on('checkContinue', (request, response) => {
    begin(request, response);
    listener(request, response, { awaitsContinue: true });
  });
  events.on('connect', (request, socket) => {
    // For HTTP/2 the event has a response.
    if (isHTTP2(request)) listener(request, socket as unknown as NodeResponse);
    else serveConnect({ handler, inFlight, answers }, request, socket).catch(() => socket.destroy());
  });
  events.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    answerClientError(error, socket, inFlight).catch(() => socket.destroy());
  });
  return inFlight;
}

interface Serving {
  readonly handler: ApiHandler;
  readonly inFlight: RequestsInFlight;
  readonly answers: AnswersInFlight;
}

/** Handled like any method, except that Node detaches the connection. */
async function serveConnect(
  { handler, inFlight, answers }: Serving,
  request: IncomingMessage,
  socket: Duplex,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  await inFlight.answered(socket);
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const answer = await handler(toApiRequest(request, gone));
  const isGone = () => gone.signal.aborted;
  await answerPlainly(request, socket, answer, { isGone, answers, connection: socket });
}

/** Connections that have got an error response: there is an error event for each later piece. */
const rejected = new WeakSet<object>();

async function answerClientError(
  error: ClientFault,
  socket: Duplex,
  inFlight: RequestsInFlight,
): Promise<void> {
  if (rejected.has(socket)) return;
  rejected.add(socket);
  if (socket.writable) await inFlight.answered(socket);
  const isAnswered = inFlight.unread(socket)?.isAnswered ?? false;
  // No response follows one that announced the end of the connection.
  if (!socket.writable || isAnswered || error.code === 'HPE_CLOSED_CONNECTION') {
    socket.destroy();
    return;
  }
  const { phrase, status } = faultOf(error);
  const { body } = statusResponse(status);
  const { byteLength } = body as Uint8Array;
  socket.write(
    `HTTP/1.1 ${status.status.code} ${phrase}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${byteLength}\r\n\r\n`,
  );
  socket.end(body, () => socket.destroy());
}

/** Node's error, with the last bytes received, and the offset at which parsing stopped. */
type ClientFault = NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly bytesParsed?: number };

interface FaultAnswer {
  readonly phrase: string;
  readonly status: StatusError;
}

const FAULTS: Readonly<Record<string, FaultAnswer>> = {
  HPE_HEADER_OVERFLOW: {
    phrase: 'Request Header Fields Too Large',
    status: new StatusError({
      code: 431,
      reason: 'RequestEntityTooLarge',
      message: `the request's address and header fields are too large: limit is ${MAX_HEADER_BYTES}`,
    }),
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    phrase: 'Request Timeout',
    status: new StatusError({
      code: 408,
      reason: 'Timeout',
      message: 'Timeout: the request came too slowly',
    }),
  },
};

/** A request line whose only fault is a method unknown to Node: a token of RFC 9110, 5.6.2. */
const OF_ANY_METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ \S+ HTTP\/1\.[01]\r?$/;

/** The line in which parsing stopped. */
function lineOf({ rawPacket = Buffer.alloc(0), bytesParsed = 0 }: ClientFault): string {
  const begin = rawPacket.subarray(0, bytesParsed).lastIndexOf('\n') + 1;
  const end = rawPacket.indexOf('\n', bytesParsed);
  return rawPacket.subarray(begin, end < 0 ? undefined : end).toString('latin1');
}

function faultOf(error: ClientFault): FaultAnswer {
  const { code = '' } = error;
  if (code === 'HPE_INVALID_METHOD' && OF_ANY_METHOD.test(lineOf(error))) {
    return { phrase: 'Method Not Allowed', status: newMethodNotAllowed() };
  }
  return FAULTS[code] ?? { phrase: 'Bad Request', status: newBadRequest('not a request of HTTP/1.1') };
}
