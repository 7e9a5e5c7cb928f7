/**
 * Names that one service at a time may have: cluster IPs, node ports. Each is an object of its own, so that the store
 * decides between two who want the same.
 */

import type { Service } from '../../../apis/core/v1/types.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { DEFAULT_STALENESS_MS } from '../../../rest/resource-access.ts';
import { isStorageError } from '../../../storage/errors.ts';
import type { Storage } from '../../../storage/storage.ts';

/** After this time whoever made a claim has stored the service that it is for, or never will. */
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
  /** Undefined for what is not ours to take back. */
  ownerOf(claim: T): ServiceName | undefined;
  isUsedBy(name: string, service: Service): boolean;
}

export class Claims<T extends KubeObject> {
  readonly #options: ClaimsOptions<T>;

  constructor(options: ClaimsOptions<T>) {
    this.#options = options;
  }

  /** False if another service has the name. */
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

  /** Gives the name up; nothing happens if it is another's. */
  async release(name: string, owner: ServiceName): Promise<void> {
    try {
      await this.#delete(name, (claim) => {
        const current = this.#options.ownerOf(claim);
        return current?.namespace === owner.namespace && current.name === owner.name;
      });
    } catch (error) {
      // The write that it belongs to has been made; what can't be given back now is forgotten, and found again.
      if (!isStorageError(error)) throw error;
    }
  }

  /**
   * Takes the first of the names that is free; undefined if none is. What is known to be taken is left out, at first
   * as of a moment ago: nearly always that is enough.
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

  /** Names whose services are gone: what a process left that ended at the wrong moment. */
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

  /** True if the name is free now. */
  async #reclaim(name: string): Promise<boolean> {
    const claim = await find(this.#options.storage, name);
    if (claim === undefined) return true;
    const owner = this.#options.ownerOf(claim);
    const service = owner && (await find(this.#options.services, `${owner.namespace}/${owner.name}`));
    if (!this.#isForgotten(name, claim, () => service)) return false;
    return this.#delete(name, ({ metadata }) => metadata.uid === claim.metadata.uid);
  }

  /** Deletes the claim that `isMeant`; returns whether there is none now. */
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
