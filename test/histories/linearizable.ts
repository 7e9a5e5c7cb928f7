/**
 * Whether what clients saw of one object can have happened in some order, each call at one moment between its start and
 * its end (Wing and Gong's search, as porcupine has it).
 */

/** The object's value; undefined: there is none. No two writes write the same one. */
export type State = string | undefined;

export interface Call {
  readonly name: string;
  readonly start: number;
  /** Infinity: nobody knows whether it happened, or when. */
  readonly end: number;
  /** What the object is after it; false: it can't have been answered so in this state. */
  apply(state: State): { readonly state: State } | false;
}

/** Calls that are done: all before `first`, and these others. */
interface Progress {
  readonly first: number;
  readonly others: ReadonlySet<number>;
  readonly state: State;
}

/** Undefined: there is such an order. Otherwise the longest part that has one. */
export function findViolation(calls: readonly Call[], initial: State): readonly Call[] | undefined {
  const inOrder = calls.toSorted((a, b) => a.start - b.start);
  const seen = new Set<string>();
  const open: Progress[] = [{ first: 0, others: new Set(), state: initial }];
  let most = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const key = `${at.first} ${[...at.others].sort((a, b) => a - b).join()} ${at.state}`;
    if (seen.has(key)) continue;
    seen.add(key);
    most = Math.max(most, at.first);
    const left = stepsFrom(inOrder, at);
    if (left === undefined) return undefined;
    open.push(...left);
  }
  return inOrder.slice(0, most + 1);
}

/** Where one call more leads to; undefined: all that were answered are done. */
function stepsFrom(calls: readonly Call[], { first, others, state }: Progress): Progress[] | undefined {
  const next: Progress[] = [];
  let isDone = true;
  let firstEnd = Number.POSITIVE_INFINITY;
  for (let i = first; i < calls.length; i++) {
    const call = calls[i]!;
    // What began after another one's end can't come before it.
    if (call.start > firstEnd) break;
    if (others.has(i)) continue;
    if (call.end !== Number.POSITIVE_INFINITY) isDone = false;
    firstEnd = Math.min(firstEnd, call.end);
    const after = call.apply(state);
    if (after !== false) next.push({ ...withDone(first, others, i), state: after.state });
  }
  return isDone ? undefined : next;
}

function withDone(
  first: number,
  others: ReadonlySet<number>,
  done: number,
): Pick<Progress, 'first' | 'others'> {
  const all = new Set(others).add(done);
  let start = first;
  while (all.delete(start)) start++;
  return { first: start, others: all };
}
