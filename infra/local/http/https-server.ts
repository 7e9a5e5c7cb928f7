/** The local server's listener: TLS, HTTP/2 and HTTP/1.1 on one port, with graceful shutdown. */

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import type { ListenerFlags } from '../listener-flags.ts';
import { LoopWatch } from '../loop-watch.ts';
import { AnswersInFlight } from './answers-in-flight.ts';
import { BodiesInFlight } from './bodies-in-flight.ts';
import { queueHandshakes } from './handshakes.ts';
import { IdleMemory } from './idle-memory.ts';
import { MemoryInFlight } from './memory-in-flight.ts';
import { nodeListener } from './node-adapter.ts';
import { listenToOtherEvents, MAX_HEADER_BYTES } from './other-events.ts';
import { tlsListenerOptions } from './tls-listener.ts';
import { upgradeListener } from './upgrade-listener.ts';
import { YAMLConverter } from './yaml-converter.ts';

export interface HttpsServerOptions {
  /** Logs what blocks the event loop. */
  readonly logger: Logger;
  readonly handler: ApiHandler;
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Flags for TLS and HTTP/2. */
  readonly flags?: Partial<ListenerFlags> | undefined;
}

export interface HttpsServer {
  readonly port: number;
  /** Stops accepting connections, waits up to `graceMs` for running requests, then cuts off the rest. */
  close(graceMs: number): Promise<void>;
}

/** client-go keeps idle connections for 90 s: the server must not be the first to close them. */
const KEEP_ALIVE_MS = 120_000;

/** Milliseconds for a client's handshake; for sending a request's header, and for the whole request. */
const HANDSHAKE_MS = 10_000;
/** Milliseconds for a connection to close. */
const CLOSING_MS = 5_000;
const HEADERS_MS = 30_000;
const REQUEST_MS = 120_000;
/** Limits and timeouts of HTTP/1.1 servers. */
export const HTTP1_BOUNDS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // The handler checks it, since Node's own response is not a Status.
  requireHostHeader: false,
};

/** Like kube-apiserver's --http2-max-streams-per-connection: informers for all resources fit into one connection. */
const MAX_STREAMS = 1000;

/** Grace period for running requests after a signal, in milliseconds. */
export const GRACE_MS = 5_000;
/** ALPN callback: refuses the handshake of clients that only offer HTTP/2. */
const onlyHTTP1 = ({ protocols }: { protocols: string[] }): string | undefined =>
  protocols.find((protocol) => protocol === 'http/1.1');

/** Rejects if it can't listen, or if a flag's file can't be used. */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const { flags = {} } = options;
  const watch = new LoopWatch({
    onHold: ({ milliseconds, requests }) =>
      options.logger.warning(
        `the event loop was held for ${milliseconds} ms, while these were served: ${requests.join(', ')}`,
      ),
  });
  const answers = new AnswersInFlight();
  const memory = new MemoryInFlight();
  const idle = new IdleMemory();
  const handler = watch.watched(idle.watched(options.handler));
  const listener = nodeListener(handler, {
    bodies: new BodiesInFlight(),
    answers,
    memory,
    convertYAML: new YAMLConverter().convert,
  });
  const { contextFor, ...tls } = tlsListenerOptions(flags);
  const server = createSecureServer(
    {
      allowHTTP1: true,
      cert: options.certificate,
      key: options.key,
      // No CA is set: a certificate that fails OpenSSL's own check leaves errors behind that affect other connections.
      // The handler chain verifies the certificate.
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
  queueHandshakes(server, HANDSHAKE_MS);
  // Otherwise the end of a response waits for the client to acknowledge earlier packets, for up to 40 ms: Node keeps
  // the system's default for HTTP/1.1 here, unlike `http.createServer`.
  server.on('connection', (socket) => socket.setNoDelay());
  const inFlight = listenToOtherEvents(server, handler, listener, answers);
  server.on('upgrade', upgradeListener(server, handler, { answers, memory, inFlight }));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    closeWhenIdle(session);
  });
  server.on('secureConnection', readThroughStream);
  // A client's broken handshake or connection is not the server's fault.
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
      idle.close();
    },
  };
}

/**
 * For HTTP/1.1: makes Node's parser read from the socket's stream instead of its handle. While a response waits to be
 * sent, Node pauses the parser at the next request's header; TLS's handle passes on decrypted data nevertheless, and a
 * body in the same segment as its header fails with `HPE_PAUSED`. A stream buffers it. Node switches permanently once
 * there is a listener for the socket's data.
 */
function readThroughStream(socket: TLSSocket): void {
  if (socket.alpnProtocol === 'h2') return;
  const anybody = (): void => undefined;
  socket.on('data', anybody).off('data', anybody);
}

/** Closes a connection without streams after a while; silent watches keep it open. */
function closeWhenIdle(session: ServerHttp2Session): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(KEEP_ALIVE_MS, () => {
    if (streams > 0) return;
    session.close();
    // A client that doesn't read doesn't get the GOAWAY.
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
  // GOAWAY: clients finish their requests and reconnect.
  for (const session of sessions) session.close();
  (server as unknown as { closeIdleConnections?(): void }).closeIdleConnections?.();
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
