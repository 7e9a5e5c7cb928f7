/** The remote servers that APIServices name, one for as long as its APIService doesn't change. */

import type { APIService } from '../apis/apiregistration/v1/types.ts';
import type { ListerSnapshot, ResourceAccess } from '../rest/resource-access.ts';
import { RemoteServer, type RemoteServerOptions } from './remote-server.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', resource: 'apiservices' };

export interface RemoteAPIService {
  readonly apiService: APIService;
  readonly server: RemoteServer;
}

export class RemoteServers {
  readonly #resources: ResourceAccess;
  readonly #options: RemoteServerOptions;
  #snapshot: ListerSnapshot<APIService> | undefined;
  #byName: ReadonlyMap<string, RemoteAPIService> = new Map();

  constructor(resources: ResourceAccess, options: RemoteServerOptions) {
    this.#resources = resources;
    this.#options = options;
  }

  /** Remote APIServices by name (`v1beta1.metrics.k8s.io`); the same map until one changes. */
  async all(maxStalenessMs?: number): Promise<ReadonlyMap<string, RemoteAPIService>> {
    const snapshot = await this.#resources.lister<APIService>(API_SERVICES).snapshot(maxStalenessMs);
    if (snapshot === this.#snapshot) return this.#byName;
    const old = this.#byName;
    const next = new Map<string, RemoteAPIService>();
    for (const apiService of snapshot.items) {
      if (!apiService.spec.service) continue;
      const name = apiService.metadata.name!;
      const known = old.get(name);
      const server =
        known !== undefined && JSON.stringify(known.apiService.spec) === JSON.stringify(apiService.spec)
          ? known.server
          : new RemoteServer(apiService, this.#options);
      next.set(name, { apiService, server });
    }
    for (const [name, { server }] of old) if (next.get(name)?.server !== server) server.close();
    this.#snapshot = snapshot;
    this.#byName = next;
    return next;
  }

  close(): void {
    for (const { server } of this.#byName.values()) server.close();
  }
}
