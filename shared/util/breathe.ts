/** Work on large objects, in pieces: between them the event loop serves who else waits. */

/** Milliseconds that the loop is held before it is left to others. */
const HOLD_MS = 20;

/** Since when the loop has been held, as far as is known; there is one loop in a thread. */
let heldSince: number | undefined;

/** To be awaited between two pieces of work: lets others go first where the loop was held for long, and is free else. */
export function breathe(): Promise<void> | undefined {
  if (heldSince === undefined) {
    heldSince = performance.now();
    setImmediate(() => {
      heldSince = undefined;
    });
    return undefined;
  }
  if (performance.now() - heldSince < HOLD_MS) return undefined;
  return new Promise((resolve) => setImmediate(resolve));
}
