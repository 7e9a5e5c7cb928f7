/** Values that expire; beyond `size` those go first that have been there longest without use. */
export class ExpiringCache<T> {
  readonly #size: number;
  readonly #entries = new Map<string, { readonly value: T; readonly expires: number }>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expires <= now) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: T, expires: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expires });
    if (this.#entries.size > this.#size) this.#entries.delete(this.#entries.keys().next().value!);
  }
}
