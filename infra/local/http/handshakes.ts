/**
 * Paces TLS handshakes: Node processes all sockets with pending data in one iteration of the event loop, and one handshake,
 * whose cost grows with the client's certificate, can't be interrupted.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** Maximum number of concurrent handshakes. */
const MAX_IN_FLIGHT = 2;
/** Milliseconds after which an unfinished handshake no longer counts. */
const COUNTED_MS = 5;

type Shake = (socket: Socket) => void;

/** Queue of connections whose first bytes have arrived. */
class Handshakes {
  readonly #waiting: (() => void)[] = [];
  readonly #inFlight = new Set<NodeJS.Timeout>();

  begin(shake: () => void): void {
    this.#waiting.push(shake);
    this.#goOn();
  }

  /** Ends the oldest: which one has ended does not matter for pacing. */
  end(): void {
    const [first] = this.#inFlight;
    if (first === undefined) return;
    clearTimeout(first);
    this.#leave(first);
  }

  #leave(one: NodeJS.Timeout): void {
    this.#inFlight.delete(one);
    // Lets the event loop process other work first.
    setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    while (this.#inFlight.size < MAX_IN_FLIGHT) {
      const shake = this.#waiting.shift();
      if (shake === undefined) return;
      const counts: NodeJS.Timeout = setTimeout(() => this.#leave(counts), COUNTED_MS);
      this.#inFlight.add(counts);
      shake();
    }
  }
}

/**
 * Delays a TLS server's own connection listeners until a connection's first bytes have arrived and it is its turn. A
 * connection that sends nothing for `timeoutMs` is closed. Call before other connection listeners are added.
 */
export function queueHandshakes(server: EventEmitter, timeoutMs: number): void {
  const handshakes = new Handshakes();
  for (const listener of server.listeners('connection')) {
    const shake: Shake = listener.bind(server);
    server.off('connection', listener as Shake).on('connection', (socket: Socket) => {
      onFirstBytes(socket, timeoutMs, () => handshakes.begin(() => socket.destroyed || shake(socket)));
    });
  }
  server.on('secureConnection', () => handshakes.end());
  server.on('tlsClientError', () => handshakes.end());
}

/** The received bytes stay in the socket's buffer. */
function onFirstBytes(socket: Socket, timeoutMs: number, act: () => void): void {
  const cut = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(cut, timeoutMs);
  socket.on('error', cut).once('close', () => clearTimeout(timer));
  socket.once('readable', () => {
    clearTimeout(timer);
    // Only the end of the stream has arrived.
    if (socket.readableLength === 0) cut();
    else act();
  });
}
