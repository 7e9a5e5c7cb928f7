/**
 * Checks linearizability: whether the clients' observations of an object can be ordered, with each call taking effect
 * at one moment between its start and its end (Wing and Gong's search, as in porcupine).
 */

/** The object's value; undefined if it does not exist. Every write has a distinct value. */
export type State = string | undefined;

export interface Call {
  readonly name: string;
  readonly start: number;
  /** Infinity if it is unknown whether or when it took effect. */
  readonly end: number;
  /** Returns the object's state after the call; false if this response is impossible in the given state. */
  apply(state: State): { readonly state: State } | false;
}

/** Completed calls: all before `first`, and those in `others`. */
interface Progress {
  readonly first: number;
  readonly others: ReadonlySet<number>;
  readonly state: State;
}

/** Undefined if there is a valid order; otherwise the longest prefix that has one. */
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

/** The states after one more call; undefined if all answered calls are done. */
function stepsFrom(calls: readonly Call[], { first, others, state }: Progress): Progress[] | undefined {
  const next: Progress[] = [];
  let isDone = true;
  let firstEnd = Number.POSITIVE_INFINITY;
  for (let i = first; i < calls.length; i++) {
    const call = calls[i]!;
    // A call that began after another ended can't precede it.
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
