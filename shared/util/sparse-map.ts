/** A Map that takes no memory while it is empty: an empty Map takes 180 bytes, and a process has ten thousands. */
export class SparseMap<K, V> {
  #entries: Map<K, V> | undefined;

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  has(key: K): boolean {
    return this.#entries?.has(key) ?? false;
  }

  get(key: K): V | undefined {
    return this.#entries?.get(key);
  }

  set(key: K, value: V): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  delete(key: K): boolean {
    const isDeleted = this.#entries?.delete(key) ?? false;
    if (this.#entries?.size === 0) this.#entries = undefined;
    return isDeleted;
  }

  clear(): void {
    this.#entries = undefined;
  }

  keys(): Iterable<K> {
    return this.#entries?.keys() ?? [];
  }

  entries(): Iterable<readonly [K, V]> {
    return this.#entries?.entries() ?? [];
  }
}
