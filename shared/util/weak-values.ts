/** Values by key, kept as long as they are referenced elsewhere. */
export class WeakValues<V extends object> {
  readonly #values = new Map<string, WeakRef<V>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#values.get(key)?.deref() === undefined) this.#values.delete(key);
  });

  get size(): number {
    return this.#values.size;
  }

  /** Returns the value under `key` if it is still referenced, else the result of `make`. */
  get(key: string, make: () => V): V {
    const known = this.#values.get(key)?.deref();
    if (known !== undefined) return known;
    const made = make();
    this.#values.set(key, new WeakRef(made));
    this.#gone.register(made, key);
    return made;
  }
}
