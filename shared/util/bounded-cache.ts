export interface BoundedCacheOptions<K, V> {
  /** Entries kept; beyond it those go that were used longest ago. */
  readonly max: number;
  /** Milliseconds of any clock: the one that `ttlMs` is counted by. */
  readonly now?: () => number;
  /** Called with each value that made room for another. */
  readonly evicted?: (value: V, key: K) => void;
}

interface Entry<V> {
  readonly value: V;
  readonly expires: number;
}

/** The one cache of this code: bounded in number, least recently used first, each entry with its own end. */
export class BoundedCache<K, V> {
  readonly #max: number;
  readonly #now: () => number;
  readonly #evicted: ((value: V, key: K) => void) | undefined;
  /** In the order of use. A Map, as a library's arrays of `max` places would be too much for a tenant at rest. */
  readonly #entries = new Map<K, Entry<V>>();

  constructor({ max, now = () => Date.now(), evicted }: BoundedCacheOptions<K, V>) {
    this.#max = max;
    this.#now = now;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expires <= this.#now()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value` for `ttlMs`; without it, until others need its room. */
  set(key: K, value: V, ttlMs = Number.POSITIVE_INFINITY): void {
    this.#entries.delete(key);
    const expires = ttlMs === Number.POSITIVE_INFINITY ? ttlMs : this.#now() + ttlMs;
    this.#entries.set(key, { value, expires });
    if (this.#entries.size <= this.#max) return;
    const [oldest, dropped] = this.#entries.entries().next().value!;
    this.#entries.delete(oldest);
    this.#evicted?.(dropped.value, oldest);
  }

  /** Forgets the entry; where `value` is given, only if that still stands there. */
  delete(key: K, value?: V): void {
    if (value === undefined || this.#entries.get(key)?.value === value) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  *values(): Generator<V> {
    for (const { value } of this.#entries.values()) yield value;
  }
}

/** What `cache` holds under `key`, or what `make` promises, which is kept unless it is rejected. */
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
