/**
 * Lists assembled lately. Informers that start and people with kubectl ask for the same list again and again; copying
 * its items, and collecting the copies, takes half of the time of a response.
 */

import { ObjectNumbers } from '../../util/object-numbers.ts';
import { keepTurn } from '../../util/turns.ts';

/** Bytes of all lists and their items. A multiple of what one list may have, so that it doesn't displace all others. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** Copying fewer costs less than looking them up. */
const LEAST_ITEMS = 8;
/** A list that is not requested again is dropped after one to two times as many milliseconds. */
const UNUSED_MS = 5_000;

interface Recent {
  readonly versions: readonly object[];
  readonly bytes: Promise<Uint8Array>;
  size: number;
  /** Number of the sweep before which it was asked for. */
  usedIn: number;
}

export interface ListKey {
  /** The writer of the list. */
  readonly owner: object;
  /** The list without its items, and the time for which it stays valid, if limited. */
  readonly head: string;
  /** Objects of which each identifies an item in one version and encoding. */
  readonly versions: readonly object[];
}

/** `later` runs a function after some milliseconds, unless the process ends before. */
export class RecentLists {
  readonly #later: (run: () => void, ms: number) => void;
  /** By owner and head, least recently used first. */
  readonly #lists = new Map<string, Recent>();
  readonly #owners = new ObjectNumbers();
  #bytes = 0;
  #sweeps = 0;
  #isSweeping = false;

  constructor(later: (run: () => void, ms: number) => void) {
    this.#later = later;
  }

  /** Bytes of the lists that are kept, and of their items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the list if it was assembled of the same versions of the same items; otherwise calls `make`. */
  async of({ owner, head, versions }: ListKey, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (versions.length < LEAST_ITEMS) return await make();
    const key = `${this.#owners.of(owner)} ${versions.length} ${head}`;
    const known = this.#lists.get(key);
    if (known !== undefined && isSame(known.versions, versions)) {
      known.usedIn = this.#sweeps;
      this.#lists.delete(key);
      this.#lists.set(key, known);
      return await keepTurn(known.bytes);
    }
    const recent: Recent = { versions, bytes: make(), size: 0, usedIn: this.#sweeps };
    this.#drop(key);
    this.#lists.set(key, recent);
    try {
      const bytes = await recent.bytes;
      if (this.#lists.get(key) === recent) this.#keep(key, recent, bytes.length);
      return bytes;
    } catch (error) {
      if (this.#lists.get(key) === recent) this.#drop(key);
      throw error;
    }
  }

  #keep(key: string, recent: Recent, length: number): void {
    if (length > MAX_LIST_BYTES) {
      this.#drop(key);
      return;
    }
    // The items are held as well, even if they are replaced or evicted where they are stored.
    recent.size = 2 * length;
    this.#bytes += recent.size;
    for (const oldest of this.#lists.keys()) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#drop(oldest);
    }
    this.#sweepLater();
  }

  #drop(key: string): void {
    this.#bytes -= this.#lists.get(key)?.size ?? 0;
    this.#lists.delete(key);
  }

  #sweepLater(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#later(() => {
      this.#isSweeping = false;
      for (const [key, { usedIn }] of this.#lists) if (usedIn < this.#sweeps) this.#drop(key);
      this.#sweeps++;
      if (this.#lists.size > 0) this.#sweepLater();
    }, UNUSED_MS);
  }
}

function isSame(versions: readonly object[], others: readonly object[]): boolean {
  return versions.every((version, at) => version === others[at]);
}

/** For all control planes of the process. */
export const recentLists = new RecentLists((run, ms) => setTimeout(run, ms).unref());
