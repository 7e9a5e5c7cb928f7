/** The local server's listener: TLS, HTTP/2 and HTTP/1.1 on one port, ending cleanly. */

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { nodeListener } from './node-adapter.ts';
import { upgradeListener } from './upgrade-listener.ts';
import { YAMLConverter } from './yaml-converter.ts';

export interface HttpsServerOptions {
  readonly handler: ApiHandler;
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly maxBodyBytes: number;
  /** Default: TLS 1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Of one HTTP/2 connection at a time. */
  readonly maxStreams?: number | undefined;
}

export interface HttpsServer {
  readonly port: number;
  /** Takes no more connections, lets running requests end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** client-go keeps connections for 90 s between requests: the server must not be the first to close them. */
const KEEP_ALIVE_MS = 120_000;

/** As kube-apiserver's --http2-max-streams-per-connection: an informer for every resource fits in one connection. */
const MAX_STREAMS = 1000;

/** Time that running requests get to end after a signal, in milliseconds. */
export const GRACE_MS = 5_000;
/** More than the handler chain takes: it answers for what is too large. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Rejects when the address can't be listened on. */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
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
      minVersion: options.minVersion ?? 'TLSv1.2',
      settings: { maxConcurrentStreams: options.maxStreams ?? MAX_STREAMS, initialWindowSize: 1 << 20 },
    },
    nodeListener(options.handler, {
      maxBodyBytes: options.maxBodyBytes,
      convertYAML: new YAMLConverter().convert,
    }),
  );
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 30_000 });
  server.on('upgrade', upgradeListener(server, options.handler));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  // A client's broken handshake or connection is its own affair.
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const sockets = trackSockets(server);
  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs) => close(server, sessions, sockets, graceMs),
  };
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
