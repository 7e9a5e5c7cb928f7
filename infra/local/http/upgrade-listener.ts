/**
 * Requests with an `Upgrade` field, on HTTP/1.1: serves watches as WebSockets, and everything else as if there were no
 * such field, like Go's servers. Messages and order of the handshake's checks are those of golang.org/x/net/websocket,
 * which kube-apiserver uses for watches.
 */

import { once as onceEmitted } from 'node:events';
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { WebSocket, WebSocketServer } from 'ws';
import type { ApiHandler, ApiResponse } from '../../../shared/request/api-request.ts';
import { isWebSocketRequest } from '../../../shared/request/web-socket-request.ts';
import { once } from '../../../shared/util/once.ts';
import { AnswersInFlight } from './answers-in-flight.ts';
import { MemoryInFlight, RequestMemory } from './memory-in-flight.ts';
import { headersOf, toApiRequest } from './node-adapter.ts';
import { RequestsInFlight } from './requests-in-flight.ts';
import { type AnswerWay, writeAnswer } from './write-answer.ts';

/** Maximum message from a client, which may only send control frames. */
const MAX_MESSAGE_BYTES = 64 * 1024;

type Refusal = { readonly status: number; readonly text: string; readonly headers?: Record<string, string> };

/** Listens for `upgrade`. Without a listener Node would serve these requests as ordinary ones. */
export function upgradeListener(
  server: Pick<Server, 'emit'>,
  handler: ApiHandler,
  {
    answers = new AnswersInFlight(),
    memory = new MemoryInFlight(),
    inFlight = new RequestsInFlight(),
  }: {
    readonly answers?: AnswersInFlight;
    readonly memory?: MemoryInFlight;
    readonly inFlight?: RequestsInFlight;
  } = {},
) {
  const sockets = once(async () => {
    const { WebSocketServer } = await import('ws');
    return new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
  });
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const serve = async (): Promise<void> => {
      // Node emits the event at once, even if earlier requests on the connection are unanswered.
      await inFlight.answered(socket);
      if (hasBody(request) || !isWebSocketRequest({ headers: headersOf(request) })) {
        serveAgain(server, request, socket, head);
      } else await serveWebSocket({ sockets, answers, memory, handler }, request, socket, head);
    };
    serve().catch(() => socket.destroy());
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0;
}

/** Returns the connection to the server with the same request, without the upgrade. */
function serveAgain(
  server: Pick<Server, 'emit'>,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (name === 'upgrade') continue;
    const value = name === 'connection' ? withoutUpgrade(rawHeaders[i + 1]!) : rawHeaders[i + 1]!;
    if (name !== 'connection' || value !== '') lines.push(`${rawHeaders[i]}: ${value}`);
  }
  // Header fields are bytes, one character each.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
}

function withoutUpgrade(connection: string): string {
  return connection
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token.toLowerCase() !== 'upgrade')
    .join(', ');
}

interface Serving {
  /** Loaded on first use. */
  readonly sockets: () => Promise<WebSocketServer>;
  readonly answers: AnswersInFlight;
  readonly memory: MemoryInFlight;
  readonly handler: ApiHandler;
}

async function serveWebSocket(
  { sockets, answers, memory, handler }: Serving,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  socket.once('close', leave);
  const held = new RequestMemory(memory, request);
  const claimMemory = (bytes: number, user: string) => {
    held.claim(bytes, user);
    // This is the last request of the connection.
    if (socket.destroyed) held.release();
    else socket.once('close', () => held.release());
  };
  const answer = await handler(toApiRequest(request, gone, { canUpgrade: true, claimMemory }));
  if (answer.status !== 101) {
    await answerPlainly(request, socket, answer, {
      isGone: () => gone.signal.aborted,
      answers,
      connection: socket,
    });
    return;
  }
  const refusal = refusalOf(request);
  if (refusal !== undefined) {
    // Ends the source of the response.
    gone.abort();
    for await (const _ of messagesOf(answer)) break;
    const isGone = () => socket.destroyed;
    await answerPlainly(request, socket, plain(refusal), { isGone, answers, connection: socket });
    return;
  }
  const server = await sockets();
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', () => webSocket.terminate());
    webSocket.once('close', leave);
    sendAll(webSocket, answer, answers).catch(() => webSocket.terminate());
  });
}

/** The reason to refuse a WebSocket. */
function refusalOf({ method, headers }: IncomingMessage): Refusal | undefined {
  const {
    origin,
    'sec-websocket-key': key,
    'sec-websocket-version': version,
    'sec-websocket-protocol': protocols = '',
  } = headers;
  if (method !== 'GET') return { status: 405, text: 'bad method' };
  if (!key) return { status: 400, text: 'mismatch challenge/response' };
  if (version !== '13') {
    return {
      status: 400,
      text: 'missing or bad WebSocket Version',
      headers: { 'sec-websocket-version': '13' },
    };
  }
  // Browsers send an Origin; requests without one are refused, like upstream.
  if (!origin || !URL.canParse(origin)) return { status: 403, text: '' };
  // Only a single protocol is supported.
  if (protocols.includes(',')) return { status: 400, text: '' };
  return undefined;
}

const plain = ({ status, text, headers = {} }: Refusal): ApiResponse => ({
  status,
  headers,
  body: Buffer.from(text),
});

async function* messagesOf({ body }: ApiResponse): AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}

/** Sends an ordinary response on a connection detached from the parser, then closes it. */
export async function answerPlainly(
  request: IncomingMessage,
  socket: Duplex,
  answer: ApiResponse,
  way: AnswerWay,
): Promise<void> {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
  const finished = onceEmitted(response, 'finish');
  await writeAnswer(answer, response, way);
  await finished;
  socket.end();
}

/**
 * Sends messages one by one, no faster than the client receives them, then closes. A client that doesn't receive is cut
 * off.
 */
async function sendAll(webSocket: WebSocket, answer: ApiResponse, answers: AnswersInFlight): Promise<void> {
  const { isText = false } = answer;
  for await (const message of messagesOf(answer)) {
    if (webSocket.readyState !== webSocket.OPEN) return;
    const inFlight = answers.begin(message.byteLength, webSocket, () => webSocket.terminate());
    if (inFlight === undefined) return webSocket.terminate();
    try {
      await new Promise<void>((resolve, reject) =>
        webSocket.send(message, { binary: !isText }, (error) => (error ? reject(error) : resolve())),
      );
    } finally {
      inFlight.end();
    }
  }
  webSocket.close(1000);
}
