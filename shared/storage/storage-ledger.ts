/** How much a store holds, kept by what changes: nobody has to read all of it to know. */

export interface Holding {
  readonly objects: number;
  /** Of objects as they are encoded. */
  readonly bytes: number;
}

export const NO_HOLDING: Holding = { objects: 0, bytes: 0 };

export const sumOfHoldings = (a: Holding, b: Holding): Holding => ({
  objects: a.objects + b.objects,
  bytes: a.bytes + b.bytes,
});

/** By what a store grows, or shrinks, when an object encoded as `before` becomes `after`; unset: there is none. */
export const growthBetween = (before: Uint8Array | undefined, after: Uint8Array | undefined): Holding => ({
  objects: Number(after !== undefined) - Number(before !== undefined),
  bytes: (after?.length ?? 0) - (before?.length ?? 0),
});

export interface StorageLedger {
  /** Before a write that makes the store grow. Returns what ends the write. Rejects with StorageError QuotaExceeded. */
  admit(resourcePrefix: string, growth: Holding): Promise<() => void>;
  /** After writes, by which the store grew or shrank. Never rejects; resolves when another process may know of it. */
  count(change: Holding): Promise<void>;
}
