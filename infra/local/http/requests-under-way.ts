/**
 * Requests of HTTP/1 that aren't answered yet: whoever else answers on their connection does so behind them, and who sends
 * very many without waiting is cut off, since Node reads them all.
 */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface UnderWay {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** So many may wait on one connection; hardly any client sends a second one before it has its answer. */
const MAX_OF_CONNECTION = 100;

export class RequestsUnderWay {
  readonly #ofSocket = new WeakMap<object, Set<UnderWay>>();

  /** To be told of every request. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    let all = this.#ofSocket.get(request.socket);
    if (all === undefined) {
      all = new Set();
      this.#ofSocket.set(request.socket, all);
    }
    const one = { request, response };
    all.add(one);
    response.once('close', () => all.delete(one));
    if (all.size > MAX_OF_CONNECTION) request.socket.destroy();
  }

  /** Whether the last request's body is still to come; `isAnswered`: who sends it has his answer, or a part of it. */
  unread(socket: object): { readonly isAnswered: boolean } | undefined {
    for (const { request, response } of this.#ofSocket.get(socket) ?? []) {
      if (!request.complete) return { isAnswered: response.headersSent };
    }
    return undefined;
  }

  /** Resolves when all requests that have come whole are answered. */
  async answered(socket: object): Promise<void> {
    const whole = [...(this.#ofSocket.get(socket) ?? [])].filter(({ request }) => request.complete);
    await Promise.all(whole.map(({ response }) => once(response, 'close')));
  }
}
