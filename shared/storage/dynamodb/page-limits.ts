/**
 * Chooses how many items to request per page, for an emulator that reads all matching items before it cuts the page at
 * 1 MB: as many as fit, judging by earlier pages of the partition.
 */

const FIRST_LIMIT = 64;
const MAX_LIMIT = 2_048;

export class PageLimits {
  readonly #limits = new Map<string, number>();

  of(pk: string): number {
    return this.#limits.get(pk) ?? FIRST_LIMIT;
  }

  /** Records the result of a page requested with `limit`. */
  learn(pk: string, limit: number, page: { readonly items: number; readonly isLast: boolean }): void {
    if (page.items >= limit) this.#limits.set(pk, Math.min(limit * 2, MAX_LIMIT));
    // Cut because of its size.
    else if (!page.isLast) this.#limits.set(pk, page.items + 1);
  }
}
