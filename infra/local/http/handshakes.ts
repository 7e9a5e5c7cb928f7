/**
 * Paces TLS handshakes: Node processes all sockets with pending data in one iteration of the event loop, and one handshake,
 * whose cost grows with the client's certificate, can't be interrupted.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** Maximum number of concurrent handshakes. */
const MAX_UNDER_WAY = 2;
/** Milliseconds after which an unfinished handshake no longer counts. */
const COUNTS_MS = 5;

type Shake = (socket: Socket) => void;

/** Queue of connections whose first bytes have arrived. */
class Handshakes {
  readonly #waiting: (() => void)[] = [];
  readonly #underWay = new Set<NodeJS.Timeout>();

  begin(shake: () => void): void {
    this.#waiting.push(shake);
    this.#goOn();
  }

  /** Ends the oldest: which one has ended does not matter for pacing. */
  end(): void {
    const [first] = this.#underWay;
    if (first === undefined) return;
    clearTimeout(first);
    this.#leave(first);
  }

  #leave(one: NodeJS.Timeout): void {
    this.#underWay.delete(one);
    // Lets the event loop process other work first.
    setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    while (this.#underWay.size < MAX_UNDER_WAY) {
      const shake = this.#waiting.shift();
      if (shake === undefined) return;
      const counts: NodeJS.Timeout = setTimeout(() => this.#leave(counts), COUNTS_MS);
      this.#underWay.add(counts);
      shake();
    }
  }
}

/**
 * Delays a TLS server's own connection listeners until a connection's first bytes have arrived and it is its turn. A
 * connection that sends nothing for `patienceMs` is closed. Call before other connection listeners are added.
 */
export function shakeHandsInTurns(server: EventEmitter, patienceMs: number): void {
  const handshakes = new Handshakes();
  for (const listener of server.listeners('connection')) {
    const shake: Shake = listener.bind(server);
    server.off('connection', listener as Shake).on('connection', (socket: Socket) => {
      whenSomethingCame(socket, patienceMs, () => handshakes.begin(() => socket.destroyed || shake(socket)));
    });
  }
  server.on('secureConnection', () => handshakes.end());
  server.on('tlsClientError', () => handshakes.end());
}

/** The received bytes stay in the socket's buffer. */
function whenSomethingCame(socket: Socket, patienceMs: number, act: () => void): void {
  const cut = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(cut, patienceMs);
  socket.on('error', cut).once('close', () => clearTimeout(timer));
  socket.once('readable', () => {
    clearTimeout(timer);
    // Only the end of the stream has arrived.
    if (socket.readableLength === 0) cut();
    else act();
  });
}
