/** Converts Node's HTTP/1.1 and HTTP/2 requests to `ApiRequest`s, and writes the responses. */

import type { ServerResponse } from 'node:http';
import { constants, type Http2Session } from 'node:http2';
import { TLSSocket } from 'node:tls';
import { newBadRequest } from '../../../shared/meta/status-error.ts';
import {
  type ApiHandler,
  type ApiRequest,
  type HeaderFields,
  headerFields,
} from '../../../shared/request/api-request.ts';
import { parseQuery } from '../../../shared/request/query-parameters.ts';
import { statusResponse } from '../../../shared/request/status-response.ts';
import type { ConvertYAML } from '../../../shared/runtime/serializer/yaml/convert-yaml.ts';
import { breathe } from '../../../shared/util/breathe.ts';
import { keepTurn, Turn, takeTurn } from '../../../shared/util/turns.ts';
import { AnswersInFlight } from './answers-in-flight.ts';
import { BodiesInFlight } from './bodies-in-flight.ts';
import { ConnectionParties } from './connection-parties.ts';
import { MemoryInFlight, RequestMemory } from './memory-in-flight.ts';
import { hasBody, isHTTP2, type NodeRequest, RequestBody } from './request-body.ts';
import { AnswerRoom, type NodeResponse, writeAnswer } from './write-answer.ts';

export interface NodeAdapterOptions {
  /** Shared by all listeners of a process. Absent: this is the only one. */
  readonly bodies?: BodiesInFlight | undefined;
  readonly answers?: AnswersInFlight | undefined;
  readonly memory?: MemoryInFlight | undefined;
  readonly convertYAML?: ConvertYAML | undefined;
  /** Milliseconds after which a response ends, cleanly, as if its request had been aborted. */
  readonly longestMs?: number | undefined;
}

const NO_BODY = new Uint8Array();
/** Shared errors, since creating one per request would capture a stack that is never read. */
const CLIENT_GONE = new DOMException('The client went away', 'AbortError');
const TIME_IS_UP = new DOMException("The host's time for a request is up", 'TimeoutError');

/** Creates a listener for `http.createServer` and similar. Client certificates are passed on unverified. */
export function nodeListener(handler: ApiHandler, given: NodeAdapterOptions = {}) {
  const options = {
    ...given,
    bodies: given.bodies ?? new BodiesInFlight(),
    answers: given.answers ?? new AnswersInFlight(),
    memory: given.memory ?? new MemoryInFlight(),
  };
  return (request: NodeRequest, response: NodeResponse, { awaitsContinue = false }: Arrival = {}): void => {
    const turn = new Turn(parties.of(connectionOf(request)));
    takeTurn(turn);
    serve(handler, options, { request, response, awaitsContinue, turn }).catch((error: unknown) => {
      // No response is possible: the client is gone, or the stream broke midway.
      response.destroy(error instanceof Error ? error : undefined);
    });
  };
}

interface Arrival {
  /** The client waits for `100 Continue` before it sends the body (`Expect: 100-continue`). */
  readonly awaitsContinue?: boolean;
}

const parties = new ConnectionParties();

async function serve(
  handler: ApiHandler,
  options: NodeAdapterOptions & {
    readonly bodies: BodiesInFlight;
    readonly answers: AnswersInFlight;
    readonly memory: MemoryInFlight;
  },
  {
    request,
    response,
    awaitsContinue,
    turn,
  }: Required<Arrival> & { request: NodeRequest; response: NodeResponse; turn: Turn },
): Promise<void> {
  const gone = new AbortController();
  let isGone = false;
  const leave = (): void => {
    isGone = true;
    gone.abort(CLIENT_GONE);
  };
  response.once('close', leave);
  // A connection may deliver hundreds of requests at once.
  await breathe();
  if (isGone || connectionOf(request).destroyed) return;
  const { answers, convertYAML } = options;
  const connection = connectionOf(request);
  const way = { isGone: () => isGone, answers, connection };
  const fault = hostFault(request) ?? encodingFault(request);
  if (fault !== undefined) {
    const refusal = statusResponse(newBadRequest(fault));
    // Later bytes on the connection can't be trusted.
    await writeAnswer({ ...refusal, headers: { ...refusal.headers, connection: 'close' } }, response, way);
    return;
  }
  const body = hasBody(request)
    ? new RequestBody(request, options.bodies, awaitsContinue ? () => response.writeContinue() : undefined)
    : undefined;
  const bound = options.longestMs === undefined ? undefined : new Bound(options.longestMs);
  const ending = bound === undefined ? gone : { signal: AbortSignal.any([gone.signal, bound.signal]) };
  const room = new AnswerRoom(answers, connection);
  const held = new RequestMemory(options.memory, request);
  try {
    const answer = await handler(
      toApiRequest(request, ending, {
        readBody: body && ((maxBytes, user) => keepTurn(body.read(maxBytes, user))),
        convertYAML: convertYAML && ((yaml) => keepTurn(convertYAML(yaml))),
        claimAnswer: (size) => room.claim(size),
        claimMemory: (bytes, user) => held.claim(bytes, user),
        countUnauthenticated: unauthenticatedCounter(request),
        identified: (party) => parties.identified(connection, turn, party),
      }),
    );
    room.release();
    // It is unknown whether the body still comes, so the connection can't be reused.
    if (body?.isAwaited && !isHTTP2(request)) (response as ServerResponse).shouldKeepAlive = false;
    await writeAnswer(answer, response, way);
  } finally {
    room.release();
    held.release();
    body?.release();
    bound?.clear();
  }
  // The response is complete, so a disconnection no longer matters.
  response.off('close', leave);
  body?.discardRest();
}

/** A time limit that can be cancelled. */
class Bound {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(afterMs: number) {
    this.#timer = setTimeout(() => this.#controller.abort(TIME_IS_UP), afterMs);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Far more than a browser requests before its user logs in. */
const MAX_UNAUTHENTICATED = 100;
/** Time for the client to receive the GOAWAY, and for its earlier requests to arrive. */
const LEAVE_MS = 1_000;
const unauthenticatedRequests = new WeakMap<Http2Session, number>();

/** HTTP/2: after too many, the connection closes when its open streams have ended. */
function unauthenticatedCounter(request: NodeRequest): (() => void) | undefined {
  if (!isHTTP2(request)) return undefined;
  return () => countUnauthenticatedRequest(request.stream.session);
}

/** Graceful shutdown by RFC 9113, 6.8: the client is told to start no more streams, then new ones are refused. */
function countUnauthenticatedRequest(session: Http2Session | undefined): void {
  if (session === undefined || session.closed) return;
  const count = (unauthenticatedRequests.get(session) ?? 0) + 1;
  unauthenticatedRequests.set(session, count);
  if (count !== MAX_UNAUTHENTICATED) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  setTimeout(() => session.close(), LEAVE_MS).unref();
}

/** `ending` has the request's signal, which is created on demand; `more`: capabilities of the host. */
export function toApiRequest(
  request: NodeRequest,
  ending: Pick<ApiRequest, 'signal'>,
  more: Pick<
    ApiRequest,
    | 'readBody'
    | 'convertYAML'
    | 'claimAnswer'
    | 'claimMemory'
    | 'canUpgrade'
    | 'countUnauthenticated'
    | 'identified'
  > = {},
): ApiRequest {
  const { path, query } = splitTarget(request.url ?? '/');
  const socket = connectionOf(request);
  return {
    ...more,
    method: request.method ?? 'GET',
    path,
    query,
    host: hostOf(request),
    headers: headersOf(request),
    body: NO_BODY,
    clientCertificates: socket instanceof TLSSocket ? clientCertificatesOf(socket) : undefined,
    remoteAddress: socket.remoteAddress,
    get signal() {
      return ending.signal;
    },
    canStream: true,
  };
}

/** Splits a request target; the path is unchanged. An absolute-form target loses its authority. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const relative = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '') || '/';
  const at = relative.indexOf('?');
  if (at < 0) return { path: relative, query: new URLSearchParams() };
  return { path: relative.slice(0, at), query: parseQuery(relative.slice(at + 1)) };
}

const HOST = /^[A-Za-z0-9!$%&'()*+,\-.:;=[\]_~]*$/;

/** Faults of an HTTP/1 request's version and host, the same that Go's server refuses. */
function hostFault(request: NodeRequest): string | undefined {
  if (isHTTP2(request)) return undefined;
  const { httpVersionMajor, httpVersion, rawHeaders } = request;
  if (httpVersionMajor !== 1) return 'not a request of HTTP/1.1';
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === 'host');
  if (hosts.length === 0) return httpVersion === '1.0' ? undefined : 'missing required Host header';
  if (hosts.length > 1) return 'too many Host headers';
  return HOST.test(hosts[0]!) ? undefined : 'malformed Host header';
}

/** An unsupported transfer coding, or one that proxies may interpret differently. */
function encodingFault(request: NodeRequest): string | undefined {
  const coding = isHTTP2(request) ? undefined : request.headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (coding.toLowerCase() !== 'chunked') return 'unsupported transfer encoding';
  return request.httpVersion === '1.0' ? 'a transfer encoding in HTTP/1.0' : undefined;
}

/** HTTP/2 has it as a pseudo-header; a different Host header is ignored. */
function hostOf(request: NodeRequest): string | undefined {
  const authority = isHTTP2(request) ? request.authority : undefined;
  return authority || request.headers.host;
}

/** Node decodes header bytes as Latin-1; Go, and so clients with names in headers, use UTF-8. */
function textOf(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

export function headersOf(request: NodeRequest): HeaderFields {
  const raw = request.rawHeaders;
  const lines: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    if (!name.startsWith(':')) lines.push([name, textOf(raw[i + 1]!)]);
  }
  if (isHTTP2(request) && request.authority) lines.push(['host', request.authority]);
  return headerFields(lines);
}

/** The connection's own socket: each HTTP/2 stream has a proxy for it. */
function connectionOf(request: NodeRequest): NodeRequest['socket'] {
  const { session } = isHTTP2(request) ? request.stream : {};
  return session === undefined || session.destroyed ? request.socket : session.socket;
}

// Cached, since a connection's certificates don't change: they are converted to PEM once.
const certificatesOfSocket = new WeakMap<TLSSocket, readonly string[] | undefined>();

function clientCertificatesOf(socket: TLSSocket): readonly string[] | undefined {
  if (certificatesOfSocket.has(socket)) return certificatesOfSocket.get(socket);
  const chain: string[] = [];
  const seen = new Set<string>();
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    const base64 = certificate.raw.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
    chain.push(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
    certificate = certificate.issuerCertificate;
  }
  const found = chain.length > 0 ? chain : undefined;
  certificatesOfSocket.set(socket, found);
  return found;
}
