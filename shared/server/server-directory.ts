/** Where the parts of the servers of this process find these servers, which are made after them. */

import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import type { FindStorage } from '../registry/generic/storage-resource-access.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';

export interface ConnectedServers {
  /** Where the loopback client's requests go. */
  readonly handler: RequestHandler;
  /** Everything that is served, whichever server of the chain has it. */
  readonly discovery: DiscoverySource;
  /** The types of custom resources. */
  readonly customType: (kind: GroupVersionKind) => Promise<TypeSchema | undefined>;
  readonly storageOf: FindStorage;
}

export class ServerDirectory {
  #servers: ConnectedServers | undefined;

  /** Once, when all of them are there. */
  connect(servers: ConnectedServers): void {
    if (this.#servers !== undefined) throw new Error('the servers are connected already');
    this.#servers = servers;
  }

  /** Throws Error if they are asked for before they are there: a fault of who puts them together. */
  get servers(): ConnectedServers {
    if (this.#servers === undefined) throw new Error('the servers are not connected yet');
    return this.#servers;
  }
}
