/** The local server's listener: TLS, HTTP/2 and HTTP/1.1 on one port, ending cleanly. */

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import type { ListenerFlags } from '../listener-flags.ts';
import { LoopWatch } from '../loop-watch.ts';
import { AnswersInFlight } from './answers-in-flight.ts';
import { listenBesideRequests, MAX_HEADER_BYTES } from './beside-requests.ts';
import { BodiesInFlight } from './bodies-in-flight.ts';
import { IdleMemory } from './idle-memory.ts';
import { nodeListener } from './node-adapter.ts';
import { tlsListenerOptions } from './tls-listener.ts';
import { upgradeListener } from './upgrade-listener.ts';
import { YAMLConverter } from './yaml-converter.ts';

export interface HttpsServerOptions {
  /** Told of what holds the process up. */
  readonly logger: Logger;
  readonly handler: ApiHandler;
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** What flags say of TLS and HTTP/2. */
  readonly flags?: Partial<ListenerFlags> | undefined;
}

export interface HttpsServer {
  readonly port: number;
  /** Takes no more connections, lets running requests end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** client-go keeps connections for 90 s between requests: the server must not be the first to close them. */
const KEEP_ALIVE_MS = 120_000;

/** Milliseconds that a client may take to shake hands, to send what stands before a body, and to send it all. */
const HANDSHAKE_MS = 10_000;
/** Milliseconds that a connection may take to end. */
const CLOSING_MS = 5_000;
const HEADERS_MS = 30_000;
const REQUEST_MS = 120_000;
/** What servers that speak HTTP/1.1 take, and for how long they wait. */
export const HTTP1_BOUNDS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Node would refuse in its own words.
  requireHostHeader: false,
};

/** As kube-apiserver's --http2-max-streams-per-connection: an informer for every resource fits in one connection. */
const MAX_STREAMS = 1000;

/** Time that running requests get to end after a signal, in milliseconds. */
export const GRACE_MS = 5_000;
/** Who speaks HTTP/2 alone is told that it is not spoken. */
const onlyHTTP1 = ({ protocols }: { protocols: string[] }): string | undefined =>
  protocols.find((protocol) => protocol === 'http/1.1');

/** Rejects when the address can't be listened on, or a flag's file can't be used. */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const { flags = {} } = options;
  const watch = new LoopWatch({
    onHold: ({ milliseconds, requests }) =>
      options.logger.warning(
        `the event loop was held for ${milliseconds} ms, while these were served: ${requests.join(', ')}`,
      ),
  });
  const answers = new AnswersInFlight();
  const memory = new IdleMemory();
  const handler = watch.watched(memory.watched(options.handler));
  const listener = nodeListener(handler, {
    bodies: new BodiesInFlight(),
    answers,
    convertYAML: new YAMLConverter().convert,
  });
  const { contextFor, ...tls } = tlsListenerOptions(flags);
  const server = createSecureServer(
    {
      allowHTTP1: true,
      cert: options.certificate,
      key: options.key,
      // No authority is known here: a certificate that fails OpenSSL's own check leaves errors behind that other
      // connections stumble over. The handler chain verifies what it is handed.
      ca: [],
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
      minVersion: 'TLSv1.2',
      ...tls,
      ...(contextFor && { SNICallback: (name, done) => done(null, contextFor(name)) }),
      ...(flags.disableHTTP2Serving && { ALPNCallback: onlyHTTP1 }),
      settings: {
        maxConcurrentStreams: flags.http2MaxStreams || MAX_STREAMS,
        initialWindowSize: 1 << 20,
        maxHeaderListSize: MAX_HEADER_BYTES,
      },
    },
    listener,
  );
  Object.assign(server, HTTP1_BOUNDS);
  // Else the end of an answer waits for the client to acknowledge what came before it, for up to 40 ms: of HTTP/1.1,
  // which Node leaves as the system has it here, where `http.createServer` does not.
  server.on('connection', (socket) => socket.setNoDelay());
  const underWay = listenBesideRequests(server, handler, listener, answers);
  server.on('upgrade', upgradeListener(server, handler, { answers, underWay }));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    closeWhenIdle(session);
  });
  server.on('secureConnection', readThroughStream);
  // A client's broken handshake or connection is its own affair.
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const sockets = trackSockets(server);
  return {
    port: (server.address() as AddressInfo).port,
    close: async (graceMs) => {
      await close(server, sessions, sockets, graceMs);
      watch.close();
      memory.close();
    },
  };
}

/**
 * Of HTTP/1.1: has Node's parser fed by the socket's stream, and not by its handle. While an answer waits to be sent,
 * Node pauses the parser at the next request's head; the handle of TLS goes on all the same with what it has decrypted,
 * and a body that came in the same segment as its head ends in `HPE_PAUSED`. A stream keeps it. Node itself changes
 * over when somebody else listens to the socket's data, and stays there.
 */
function readThroughStream(socket: TLSSocket): void {
  if (socket.alpnProtocol === 'h2') return;
  const anybody = (): void => undefined;
  socket.on('data', anybody).off('data', anybody);
}

/** Ends a connection on which nothing was asked for a while; a watch that is silent keeps it. */
function closeWhenIdle(session: ServerHttp2Session): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(KEEP_ALIVE_MS, () => {
    if (streams > 0) return;
    session.close();
    // A client that reads nothing doesn't hear of it.
    setTimeout(() => session.destroy(), CLOSING_MS).unref();
  });
}

function trackSockets(server: Http2SecureServer): Set<{ destroy(): unknown }> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function close(
  server: Http2SecureServer,
  sessions: Set<ServerHttp2Session>,
  sockets: Set<{ destroy(): unknown }>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // GOAWAY: clients finish what they have begun and connect elsewhere.
  for (const session of sessions) session.close();
  (server as unknown as { closeIdleConnections?(): void }).closeIdleConnections?.();
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
