/** Fairness between users: whose time on the event loop a connection's requests count as, before they are authenticated. */

import { Holder, type Turn } from '../../../shared/util/turns.ts';

export class ConnectionParties {
  /** Of connections without an authenticated request so far, so that opening many gains nothing, and of mixed ones. */
  readonly #strangers = new Holder();
  readonly #known = new WeakMap<object, Holder>();

  of(connection: object): Holder {
    return this.#known.get(connection) ?? this.#strangers;
  }

  /**
   * A request of this connection is authenticated: from here on its turn counts as `party`, and so do later requests,
   * unless the connection carries several parties, such as that of a proxy.
   */
  identified(connection: object, turn: Turn, party: Holder): void {
    turn.join(party);
    const known = this.#known.get(connection);
    this.#known.set(connection, known === undefined || known === party ? party : this.#strangers);
  }
}
