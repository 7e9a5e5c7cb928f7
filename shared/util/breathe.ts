/** Work on large objects, in pieces: between them the event loop serves who else waits. */

import { accountTurn, currentTurn, TurnQueue } from './turns.ts';

/** Milliseconds that the loop is held before it is left to others. */
const HOLD_MS = 20;

/** Bytes, or characters, of JSON that are read at once: more take long where they hold many keys. */
export const READ_AT_ONCE = 64 * 1024;

/** Since when the loop has been held, as far as is known; there is one loop in a thread. */
let heldSince: number | undefined;

/** Who waits for its next turn. */
const waiting = new TurnQueue();

/**
 * To be awaited between two pieces of work, and before what many may ask for at once: lets others go first where the loop
 * was held for long, and is free else. However many wait, they hold the loop no longer together than one; who held it
 * least of late goes on first.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (!isHeldForLong(now)) return undefined;
  accountTurn(now);
  return new Promise((resolve) => {
    waiting.add(resolve, currentTurn(), now);
    setImmediate(goOn);
  });
}

function goOn(): void {
  // This turn is used up by those before.
  if (isHeldForLong(performance.now())) setImmediate(goOn);
  else waiting.resumeNext();
}

function isHeldForLong(now: number): boolean {
  if (heldSince !== undefined) return now - heldSince >= HOLD_MS;
  heldSince = now;
  setImmediate(() => {
    heldSince = undefined;
  });
  return false;
}

/** Work that may be left in the middle: it yields wherever others may go first, and returns what came of it. */
export type Pieces<T> = Generator<void, T, void>;

/** So many small steps lie between two looks at the clock. */
const STRIDE = 128;

let steps = 0;

/** Whether work of many small steps should yield: to be asked at each of them, whosoever they are. */
export function isTimeToLook(): boolean {
  return ++steps % STRIDE === 0;
}

/** Does the work, and leaves the loop to others where it yields and the loop was held for long. */
export function inPieces<T>(work: Pieces<T>): T | Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    const pause = breathe();
    if (pause !== undefined) return pause.then(() => inPieces(work));
  }
}

/** Does the work without a pause: where it is known to be short, or nobody waits. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
