/** Gives components access to the servers of this process, which are created after them. */

import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import type { FindStorage } from '../registry/generic/storage-resource-access.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';

export interface ConnectedServers {
  /** Handles the loopback client's requests. */
  readonly handler: RequestHandler;
  /** Everything that is served by any server of the chain. */
  readonly discovery: DiscoverySource;
  /** Looks up the types of custom resources. */
  readonly customType: (kind: GroupVersionKind) => Promise<TypeSchema | undefined>;
  readonly storageOf: FindStorage;
}

export class ServerDirectory {
  #servers: ConnectedServers | undefined;

  /** Call once, when all servers exist. */
  connect(servers: ConnectedServers): void {
    if (this.#servers !== undefined) throw new Error('the servers are connected already');
    this.#servers = servers;
  }

  /** Throws Error if called before `connect`, which is a programming error. */
  get servers(): ConnectedServers {
    if (this.#servers === undefined) throw new Error('the servers are not connected yet');
    return this.#servers;
  }
}
