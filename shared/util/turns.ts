/** In which order those who wait for the event loop go on: who held it least of late goes first. */

/** What somebody held of the event loop lately: a connection, a request. */
export class Holder {
  #milliseconds = 0;
  #at = 0;

  /** Of now, in milliseconds; what was held some time ago counts for less. */
  held(now: number): number {
    return this.#milliseconds * 2 ** ((this.#at - now) / HALF_LIFE_MS);
  }

  hold(milliseconds: number, now: number): void {
    this.#milliseconds = this.held(now) + milliseconds;
    this.#at = now;
  }
}

const HALF_LIFE_MS = 10_000;

/** A piece of work, and for whom it is done. */
export class Turn {
  readonly #party: Holder;
  readonly #work = new Holder();

  constructor(party: Holder) {
    this.#party = party;
  }

  hold(milliseconds: number, now: number): void {
    this.#party.hold(milliseconds, now);
    this.#work.hold(milliseconds, now);
  }

  /** Lower ones go first: those of parties that held little, and among parties that are alike, work that did. */
  levelAt(now: number): number {
    return levelOf(this.#party.held(now)) * LEVELS + levelOf(this.#work.held(now));
  }
}

/** Up to here nobody is told from another. */
const LITTLE_MS = 20;
const LEVELS = 8;

/** Doubled with each. */
const levelOf = (milliseconds: number): number =>
  Math.min(LEVELS - 1, Math.max(0, Math.ceil(Math.log2(milliseconds / LITTLE_MS))));

let current: Turn | undefined;
/** From when on it has not been told what the current turn held. */
let since = 0;

/** Whose turn it is; undefined: nobody knows. */
export const currentTurn = (): Turn | undefined => current;

/**
 * Until promises that are settled now have gone on, it is this one's turn. To be said where work begins, and where it
 * goes on after it waited for what came from outside: to be told by a context of its own would cost each promise more.
 */
export function takeTurn(turn: Turn | undefined): void {
  if (turn === undefined && current === undefined) return;
  accountTurn(performance.now());
  current = turn;
  queueMicrotask(endSoon);
}

/** Tells the current turn what it held up to now. */
export function accountTurn(now: number): void {
  current?.hold(now - since, now);
  since = now;
}

/** Awaits what comes from outside; who waited goes on with the turn that was its own. */
export async function keepTurn<T>(outside: Promise<T>): Promise<T> {
  const turn = current;
  try {
    return await outside;
  } finally {
    takeTurn(turn);
  }
}

const endSoon = (): void => process.nextTick(endTurn);

function endTurn(): void {
  accountTurn(performance.now());
  current = undefined;
}

/** So often the one goes on who has waited longest, whatever it held: it would wait for ever beside many who hold little. */
const OLDEST_EVERY = 4;

interface Waiting {
  readonly resume: () => void;
  readonly turn: Turn | undefined;
  readonly level: number;
}

/** Those who wait. Of those that held alike, who came first goes first. */
export class TurnQueue {
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  add(resume: () => void, turn: Turn | undefined, now: number): void {
    this.#waiting.add({ resume, turn, level: turn?.levelAt(now) ?? 0 });
  }

  /** Resumes one, whose turn it is then; nobody if nobody waits. */
  resumeNext(): void {
    let [first] = this.#waiting;
    if (first === undefined) return;
    if (++this.#taken % OLDEST_EVERY !== 0) {
      for (const waiting of this.#waiting) if (waiting.level < first.level) first = waiting;
    }
    this.#waiting.delete(first);
    takeTurn(first.turn);
    first.resume();
  }
}
