/**
 * HTTP/1 requests in flight by connection: other responses on a connection are sent after them, and clients that
 * pipeline too many are cut off, since Node reads them all.
 */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface RequestInFlight {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Maximum per connection; hardly any client pipelines at all. */
const MAX_OF_CONNECTION = 100;

export class RequestsInFlight {
  readonly #ofSocket = new WeakMap<object, Set<RequestInFlight>>();

  /** Must be called for every request. */
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

  /** Whether the last request's body is incomplete; `isAnswered`: its response has been started. */
  unread(socket: object): { readonly isAnswered: boolean } | undefined {
    for (const { request, response } of this.#ofSocket.get(socket) ?? []) {
      if (!request.complete) return { isAnswered: response.headersSent };
    }
    return undefined;
  }

  /** Resolves when all completely received requests have been answered. */
  async answered(socket: object): Promise<void> {
    const whole = [...(this.#ofSocket.get(socket) ?? [])].filter(({ request }) => request.complete);
    await Promise.all(whole.map(({ response }) => once(response, 'close')));
  }
}
