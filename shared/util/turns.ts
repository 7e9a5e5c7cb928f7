/** The order in which callers waiting for the event loop resume: the one whose work has held it least goes first. */

/** Recent event loop time of a party, such as a connection or a request. */
export class Holder {
  #milliseconds = 0;
  #at = 0;

  /** Milliseconds as of `now`; decays with a half-life of `HALF_LIFE_MS`. */
  held(now: number): number {
    return this.#milliseconds * 2 ** ((this.#at - now) / HALF_LIFE_MS);
  }

  hold(milliseconds: number, now: number): void {
    this.#milliseconds = this.held(now) + milliseconds;
    this.#at = now;
  }
}

const HALF_LIFE_MS = 10_000;

/** A piece of work and the party it is done for. */
export class Turn {
  #party: Holder;
  readonly #work = new Holder();

  constructor(party: Holder) {
    this.#party = party;
  }

  /** Its time counts as another party's from here on. */
  join(party: Holder): void {
    this.#party = party;
  }

  hold(milliseconds: number, now: number): void {
    this.#party.hold(milliseconds, now);
    this.#work.hold(milliseconds, now);
  }

  /**
   * The scheduling level; lower goes first. Work that has taken little time comes first, whatever its party did before:
   * a small request passes large ones. On the same level, work of parties with little recent time does.
   */
  levelAt(now: number): number {
    return (
      levelOf(this.#work.held(now), LITTLE_WORK_MS) * LEVELS +
      levelOf(this.#party.held(now), LITTLE_OF_PARTY_MS)
    );
  }
}

/** Up to this much time, all are on the same level. A party of 640 ms uses less than a twentieth of the event loop. */
const LITTLE_WORK_MS = 2.5;
const LITTLE_OF_PARTY_MS = 640;
const LEVELS = 8;

/** Each level covers twice the time of the one before. */
const levelOf = (milliseconds: number, little: number): number =>
  Math.min(LEVELS - 1, Math.max(0, Math.ceil(Math.log2(milliseconds / little))));

let current: Turn | undefined;
/** Time from which the current turn has not been accounted. */
let since = 0;
/** Time at which the current turn began or resumed. */
let begunAt = 0;

/** The turn that is running; undefined if unknown. */
export const currentTurn = (): Turn | undefined => current;

/**
 * Makes `turn` the current one until the promises settled now have been processed. Call it where work begins and where
 * it resumes after waiting for something external; an AsyncLocalStorage would cost more for every promise.
 */
export function takeTurn(turn: Turn | undefined): void {
  if (turn === undefined && current === undefined) return;
  accountTurn(performance.now());
  current = turn;
  begunAt = since;
  queueMicrotask(endSoon);
}

/** Adds the time up to `now` to the current turn. */
export function accountTurn(now: number): void {
  current?.hold(now - since, now);
  since = now;
}

/** Awaits an external result and then restores the caller's turn. */
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

/**
 * Every this many turns, the longest-waiting caller resumes whatever time it held; otherwise it could starve beside
 * many with little.
 */
const OLDEST_EVERY = 4;

/** Of work whose turn is unknown: it may have taken long already. New requests always have one. */
const UNKNOWN_LEVEL = levelOf(20, LITTLE_WORK_MS) * LEVELS;

/** Milliseconds that a turn has before it gives way to a lower level. */
const QUANTUM_MS = 2.5;

interface Waiting {
  readonly resume: () => void;
  readonly turn: Turn | undefined;
  readonly level: number;
}

/** Waiting callers. On the same level, first come, first served. */
export class TurnQueue {
  /** In order of arrival: all, and those of each level. */
  readonly #waiting = new Set<Waiting>();
  readonly #ofLevel = Array.from({ length: LEVELS * LEVELS }, () => new Set<Waiting>());
  #taken = 0;

  add(resume: () => void, turn: Turn | undefined, now: number): void {
    const waiting = { resume, turn, level: turn?.levelAt(now) ?? UNKNOWN_LEVEL };
    this.#waiting.add(waiting);
    this.#ofLevel[waiting.level]!.add(waiting);
  }

  /** Whether the current turn must give way: it has had its time, and work of a lower level waits. */
  outranksCurrent(now: number): boolean {
    if (this.#waiting.size === 0 || current === undefined || now - begunAt < QUANTUM_MS) return false;
    accountTurn(now);
    return this.#first()!.level < current.levelAt(now);
  }

  /** Resumes one caller and makes its turn the current one; does nothing if the queue is empty. */
  resumeNext(): void {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    const next = ++this.#taken % OLDEST_EVERY === 0 ? oldest : this.#first()!;
    this.#waiting.delete(next);
    this.#ofLevel[next.level]!.delete(next);
    takeTurn(next.turn);
    next.resume();
  }

  /** The first of the lowest level. */
  #first(): Waiting | undefined {
    for (const ofLevel of this.#ofLevel) for (const waiting of ofLevel) return waiting;
    return undefined;
  }
}
