/**
 * Cooperative scheduling: work on large objects is split into pieces, and the event loop serves other requests between
 * them.
 */

import { accountTurn, currentTurn, TurnQueue } from './turns.ts';

/** Milliseconds for which work may hold the event loop before it yields. */
const HOLD_MS = 20;

/** Bytes, or characters, of JSON parsed in one piece: larger texts take long if they hold many keys. */
export const READ_AT_ONCE = 64 * 1024;

/** Time since which the event loop is known to have been held. Each thread has one event loop. */
let heldSince: number | undefined;

/** Callers waiting for their next turn. */
const waiting = new TurnQueue();

/**
 * Yields to other work if the event loop has been held for longer than `HOLD_MS`, or if work waits that has taken less
 * time; otherwise returns undefined, at no cost. Await it between two pieces of work, and before work that many callers
 * may request at once. All waiting callers together hold the loop no longer than a single one would; the one whose work
 * has held it least resumes first.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (!isHeldForLong(now) && !waiting.outranksCurrent(now)) return undefined;
  accountTurn(now);
  return new Promise((resolve) => {
    waiting.add(resolve, currentTurn(), now);
    setImmediate(goOn);
  });
}

function goOn(): void {
  // Callers resumed before this one have used up the time slice.
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

/** Work that can be interrupted: it yields wherever other work may run, and returns its result. */
export type Pieces<T> = Generator<void, T, void>;

/** Number of small steps between two checks of the clock. */
const STRIDE = 128;

let steps = 0;

/** Whether work made of many small steps should yield. Call it at each step; the count is shared by all work. */
export function shouldYield(): boolean {
  return ++steps % STRIDE === 0;
}

/** Runs the work; where it yields and the event loop has been held for long, lets other work run first. */
export function inPieces<T>(work: Pieces<T>): T | Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    const pause = breathe();
    if (pause !== undefined) return pause.then(() => inPieces(work));
  }
}

/** Runs the work without a pause: for work known to be short, or where no other caller is waiting. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
