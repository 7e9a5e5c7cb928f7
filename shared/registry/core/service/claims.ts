/**
 * Names that at most one service may hold: cluster IPs, node ports. Each claim is an object of its own, so that
 * conditional creation in the store resolves conflicts.
 */

import type { Service } from '../../../apis/core/v1/types.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { DEFAULT_STALENESS_MS } from '../../../rest/resource-access.ts';
import { isStorageError } from '../../../storage/errors.ts';
import type { Storage } from '../../../storage/storage.ts';

/** Time after which the service of a claim has been stored, or never will be. */
const MAX_CREATION_MS = 60_000;

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

export function serviceName({ metadata }: Service): ServiceName {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

export interface ClaimsOptions<T extends KubeObject> {
  readonly storage: Storage<T>;
  readonly services: Storage<Service>;
  newClaim(name: string, owner: ServiceName): T;
  /** Undefined for claims that must not be reclaimed. */
  ownerOf(claim: T): ServiceName | undefined;
  isUsedBy(name: string, service: Service): boolean;
}

export class Claims<T extends KubeObject> {
  readonly #options: ClaimsOptions<T>;

  constructor(options: ClaimsOptions<T>) {
    this.#options = options;
  }

  /** Resolves to false if another service holds the name. */
  async claim(name: string, owner: ServiceName): Promise<boolean> {
    const { storage, newClaim } = this.#options;
    for (const canReclaim of [true, false]) {
      try {
        await storage.create(name, newClaim(name, owner));
        return true;
      } catch (error) {
        if (!isStorageError(error, 'KeyExists')) throw error;
      }
      if (!canReclaim || !(await this.#reclaim(name))) break;
    }
    return false;
  }

  /** Releases the name if `owner` holds it. */
  async release(name: string, owner: ServiceName): Promise<void> {
    try {
      await this.#delete(name, (claim) => {
        const current = this.#options.ownerOf(claim);
        return current?.namespace === owner.namespace && current.name === owner.name;
      });
    } catch (error) {
      // The service has already been written. A claim that can't be released now is reclaimed later.
      if (!isStorageError(error)) throw error;
    }
  }

  /**
   * Claims the first free name; undefined if there is none. Skips names known to be taken, at first according to the
   * cache, which is nearly always sufficient.
   */
  async claimAny(names: () => Iterable<string>, owner: ServiceName): Promise<string | undefined> {
    for (const maxStalenessMs of [DEFAULT_STALENESS_MS, 0]) {
      const taken = await this.taken(maxStalenessMs);
      for (const name of names()) {
        if (!taken.has(name) && (await this.claim(name, owner))) return name;
      }
    }
    const wanted = new Set(await this.#forgotten());
    if (wanted.size === 0) return undefined;
    for (const name of names()) {
      if (wanted.has(name) && (await this.claim(name, owner))) return name;
    }
    return undefined;
  }

  async taken(maxStalenessMs: number): Promise<ReadonlySet<string>> {
    const { items } = await this.#options.storage.snapshot(maxStalenessMs);
    return new Set(items.map(({ key }) => key));
  }

  /** Names whose services no longer exist, left behind by a process that ended at the wrong moment. */
  async #forgotten(): Promise<string[]> {
    const { services, storage } = this.#options;
    const [claims, stored] = await Promise.all([storage.snapshot(0), services.snapshot(0)]);
    const byKey = new Map(stored.items.map((item) => [item.key, item]));
    return claims.items
      .filter((item) => this.#isForgotten(item.key, item.object(), (name) => byKey.get(name)?.object()))
      .map(({ key }) => key);
  }

  #isForgotten(name: string, claim: T, find: (key: string) => Service | undefined): boolean {
    const owner = this.#options.ownerOf(claim);
    const age = Date.now() - Date.parse(claim.metadata.creationTimestamp ?? '');
    if (owner === undefined || !(age > MAX_CREATION_MS)) return false;
    const service = find(`${owner.namespace}/${owner.name}`);
    return service === undefined || !this.#options.isUsedBy(name, service);
  }

  /** Resolves to true if the name is free now. */
  async #reclaim(name: string): Promise<boolean> {
    const claim = await find(this.#options.storage, name);
    if (claim === undefined) return true;
    const owner = this.#options.ownerOf(claim);
    const service = owner && (await find(this.#options.services, `${owner.namespace}/${owner.name}`));
    if (!this.#isForgotten(name, claim, () => service)) return false;
    return this.#delete(name, ({ metadata }) => metadata.uid === claim.metadata.uid);
  }

  /** Deletes the claim if `isMeant` accepts it. Resolves to whether the claim is gone. */
  async #delete(name: string, isMeant: (claim: T) => boolean): Promise<boolean> {
    let isOther = false;
    try {
      await this.#options.storage.delete(name, {
        validateDeletion: async (claim) => {
          isOther = !isMeant(claim);
          if (isOther) throw new Error('the claim is another one');
        },
      });
      return true;
    } catch (error) {
      if (isStorageError(error, 'KeyNotFound')) return true;
      if (isOther) return false;
      throw error;
    }
  }
}

async function find<T>(storage: Storage<T>, key: string): Promise<T | undefined> {
  try {
    return (await storage.get(key)).object();
  } catch (error) {
    if (isStorageError(error, 'KeyNotFound')) return undefined;
    throw error;
  }
}
