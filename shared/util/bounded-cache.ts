export interface BoundedCacheOptions<K, V> {
  /** Maximum number of entries; beyond it the least recently used are evicted. */
  readonly max: number;
  /** Milliseconds; `ttlMs` is measured by this clock. Default: `Date.now`. */
  readonly now?: () => number;
  /** Called with each value that is evicted to make room for another. */
  readonly evicted?: (value: V, key: K) => void;
}

/** One function for all caches. */
const dateNow = (): number => Date.now();

interface Entry<V> {
  readonly value: V;
  readonly expires: number;
}

/** An LRU cache with a bounded number of entries and a TTL per entry. All caches of this code base use it. */
export class BoundedCache<K, V> {
  readonly #max: number;
  readonly #now: () => number;
  readonly #evicted: ((value: V, key: K) => void) | undefined;
  /**
   * In order of use, least recent first. A Map, because a library's preallocated arrays of `max` slots cost too much
   * for an idle tenant; created with the first entry, because so does an empty one.
   */
  #entries: Map<K, Entry<V>> | undefined;

  constructor({ max, now = dateNow, evicted }: BoundedCacheOptions<K, V>) {
    this.#max = max;
    this.#now = now;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  get(key: K): V | undefined {
    const entries = this.#entries;
    const entry = entries?.get(key);
    if (entries === undefined || entry === undefined) return undefined;
    entries.delete(key);
    if (entry.expires <= this.#now()) return undefined;
    entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value` for `ttlMs`, or without it until it is evicted. */
  set(key: K, value: V, ttlMs = Number.POSITIVE_INFINITY): void {
    this.#entries ??= new Map();
    const entries = this.#entries;
    entries.delete(key);
    const expires = ttlMs === Number.POSITIVE_INFINITY ? ttlMs : this.#now() + ttlMs;
    entries.set(key, { value, expires });
    if (entries.size <= this.#max) return;
    const [oldest, dropped] = entries.entries().next().value!;
    entries.delete(oldest);
    this.#evicted?.(dropped.value, oldest);
  }

  /** Deletes the entry; where `value` is given, only if the entry still holds it. */
  delete(key: K, value?: V): void {
    if (value === undefined || this.#entries?.get(key)?.value === value) this.#entries?.delete(key);
  }

  clear(): void {
    this.#entries?.clear();
  }

  *values(): Generator<V> {
    for (const { value } of this.#entries?.values() ?? []) yield value;
  }
}

/**
 * Returns the promise cached under `key`, or caches the one that `make` returns. A rejected promise is removed from the
 * cache.
 */
export function cachedPromise<K, T>(
  cache: BoundedCache<K, Promise<T>>,
  key: K,
  make: () => Promise<T>,
  ttlMs?: number,
): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const promise = make();
  cache.set(key, promise, ttlMs);
  promise.catch(() => cache.delete(key, promise));
  return promise;
}
