import { keepTurn } from './turns.ts';

/** A semaphore: at most `places` calls run at once, later ones wait in line. */
export class Places {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  async within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await keepTurn(new Promise<void>((go) => void this.#line.add(go)));
    try {
      return await work();
    } finally {
      const [next] = this.#line;
      if (next === undefined) this.#free++;
      else {
        this.#line.delete(next);
        next();
      }
    }
  }
}
