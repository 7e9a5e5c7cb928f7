/** Accounting of a store's content, updated by changes instead of full reads. */

export interface StoredSize {
  readonly objects: number;
  /** Bytes of encoded objects. */
  readonly bytes: number;
}

export const NO_SIZE: StoredSize = { objects: 0, bytes: 0 };

export const sumOfSizes = (a: StoredSize, b: StoredSize): StoredSize => ({
  objects: a.objects + b.objects,
  bytes: a.bytes + b.bytes,
});

/** Growth of a store when an object of `before` bytes becomes one of `after` bytes; unset: no object. */
export const growthBetween = (before: number | undefined, after: number | undefined): StoredSize => ({
  objects: Number(after !== undefined) - Number(before !== undefined),
  bytes: (after ?? 0) - (before ?? 0),
});

export interface StorageLedger {
  /**
   * Must be awaited before a write that grows the store. Returns a function that ends the write. Rejects with
   * StorageError QuotaExceeded.
   */
  admit(resourcePrefix: string, growth: StoredSize): Promise<() => void>;
  /** Records the growth by completed writes. Never rejects; resolves when other processes may see it. */
  count(change: StoredSize): Promise<void>;
}
