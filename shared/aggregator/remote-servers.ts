/** The remote servers that APIServices refer to; one is kept until its APIService changes. */

import type { APIService } from '../apis/apiregistration/v1/types.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { DEFAULT_STALENESS_MS, type ListerSnapshot, type ResourceAccess } from '../rest/resource-access.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import { RemoteServer, type RemoteServerOptions } from './remote-server.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', resource: 'apiservices' };

const MAX_REMEMBERED = 100;
/** Of names of objects. */
const MAX_NAME_LENGTH = 253;

export interface RemoteAPIService {
  readonly apiService: APIService;
  readonly server: RemoteServer;
}

export class RemoteServers {
  readonly #resources: ResourceAccess;
  readonly #options: RemoteServerOptions;
  #snapshot: ListerSnapshot<APIService> | undefined;
  #byName: ReadonlyMap<string, RemoteAPIService> = new Map();
  readonly #asked = new BoundedCache<string, Promise<boolean>>({ max: MAX_REMEMBERED });

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

  /**
   * The remote APIService with this name; undefined if there is none. While APIServices are not in memory, as in a
   * function that has just started, only this one is read, and all only if it is remote.
   */
  async find(name: string): Promise<RemoteAPIService | undefined> {
    return (await this.#mayBeRemote(name)) ? (await this.all()).get(name) : undefined;
  }

  /** Prefetches the server of a request. */
  prefetch({ apiGroup, apiVersion }: RequestInfo): void {
    // A later caller gets the failure.
    this.#mayBeRemote(`${apiVersion}.${apiGroup}`).catch(() => {});
  }

  #mayBeRemote(name: string): Promise<boolean> {
    let answer = this.#asked.get(name);
    if (answer === undefined) {
      const asked = this.#ask(name);
      asked.catch(() => this.#asked.delete(name, asked));
      this.#asked.set(name, asked, DEFAULT_STALENESS_MS);
      answer = asked;
    }
    return answer;
  }

  async #ask(name: string): Promise<boolean> {
    if (name.length > MAX_NAME_LENGTH) return false;
    const lister = this.#resources.lister<APIService>(API_SERVICES);
    const sparse = await lister.sparse?.();
    if (sparse === undefined || (await sparse.held()) !== undefined) return true;
    return Boolean((await lister.get('', name))?.spec.service);
  }

  close(): void {
    for (const { server } of this.#byName.values()) server.close();
  }
}
