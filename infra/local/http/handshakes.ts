/**
 * Handshakes of TLS, some at a time: Node goes through all for which something has come at once, and what one takes, which
 * grows with the certificate that the client shows, can't be left in the middle.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** So many are under way at once. */
const MAX_UNDER_WAY = 4;
/** Milliseconds after which one no longer counts that still waits for its client. */
const COUNTS_MS = 5;

type Shake = (socket: Socket) => void;

/** The turns of those whose first bytes are there. */
class Handshakes {
  readonly #waiting: (() => void)[] = [];
  readonly #underWay = new Set<NodeJS.Timeout>();

  begin(shake: () => void): void {
    this.#waiting.push(shake);
    this.#goOn();
  }

  /** Of any of them: those that began together end together. */
  end(): void {
    const [first] = this.#underWay;
    if (first === undefined) return;
    clearTimeout(first);
    this.#leave(first);
  }

  #leave(one: NodeJS.Timeout): void {
    this.#underWay.delete(one);
    // Who waits for the loop goes first.
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
 * To be said of a server of TLS once it is made: what it does with a connection, it does when something has come and it is
 * the connection's turn. Who sends nothing for `patienceMs` is cut off.
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

/** What came stays where it is. */
function whenSomethingCame(socket: Socket, patienceMs: number, act: () => void): void {
  const cut = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(cut, patienceMs);
  socket.on('error', cut).once('close', () => clearTimeout(timer));
  socket.once('readable', () => {
    clearTimeout(timer);
    // Its end is all that came.
    if (socket.readableLength === 0) cut();
    else act();
  });
}
