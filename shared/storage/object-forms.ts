/**
 * Derived forms of one version of an object, such as its encodings: computed once, and cached beside it while there is
 * room.
 */

/** Identifies a form; one value for all objects. */
export interface FormKey<V> {
  /** Bytes that a form takes in memory. */
  sizeOf(value: V): number;
}

/** Memory that a cached form takes besides its bytes. */
const OVERHEAD_BYTES = 100;

/**
 * Budget for the forms of all objects, in bytes. It has two generations of half the size each: forms that were not used
 * for as long as it takes to fill a half are evicted.
 */
export class FormBudget {
  readonly #half: number;
  #recent = new Set<ObjectForms>();
  #older = new Set<ObjectForms>();
  #recentBytes = 0;
  #generation = 1;

  constructor(limitBytes: number) {
    this.#half = limitBytes / 2;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Records that `forms` were used for the first time in this generation, or grew by `bytes`. */
  use(forms: ObjectForms, bytes: number): void {
    this.#older.delete(forms);
    this.#recent.add(forms);
    this.#recentBytes += bytes;
    if (this.#recentBytes <= this.#half) return;
    for (const unused of this.#older) unused.clear();
    this.#older = this.#recent;
    this.#recent = new Set();
    this.#recentBytes = 0;
    this.#generation++;
  }
}

/** The forms of one version of one object. */
export class ObjectForms {
  readonly #budget: FormBudget;
  /** Bytes that stay in memory as long as this does. */
  readonly #ownBytes: number;
  readonly #keys: FormKey<unknown>[] = [];
  readonly #values: unknown[] = [];
  #bytes = 0;
  #generation = 0;

  constructor(budget: FormBudget, ownBytes: number) {
    this.#budget = budget;
    this.#ownBytes = ownBytes;
  }

  get<V>(key: FormKey<V>): V | undefined {
    const at = this.#keys.indexOf(key as FormKey<unknown>);
    if (at < 0) return undefined;
    if (this.#generation !== this.#budget.generation) this.#use(this.#ownBytes + this.#bytes);
    return this.#values[at] as V;
  }

  set<V>(key: FormKey<V>, value: V): void {
    const bytes = OVERHEAD_BYTES + key.sizeOf(value);
    this.#keys.push(key as FormKey<unknown>);
    this.#values.push(value);
    this.#bytes += bytes;
    this.#use(this.#generation === this.#budget.generation ? bytes : this.#ownBytes + this.#bytes);
  }

  clear(): void {
    this.#keys.length = 0;
    this.#values.length = 0;
    this.#bytes = 0;
    this.#generation = 0;
  }

  #use(bytes: number): void {
    this.#generation = this.#budget.generation;
    this.#budget.use(this, bytes);
  }
}
