/** The faults of a run: the fates of calls, drawn from the seed. */

import type { Random } from './random.ts';
import type { Call, Decide, Fate } from './simulated-connection.ts';

export interface Profile {
  /** Probabilities of the faults per call. */
  readonly throttled: number;
  readonly unreachable: number;
  readonly lost: number;
  readonly slow: number;
  readonly crash: number;
  readonly freeze: number;
  /** Probability that a transaction's items become visible seconds apart. */
  readonly torn: number;
}

export const CALM: Profile = { throttled: 0, unreachable: 0, lost: 0, slow: 0, crash: 0, freeze: 0, torn: 0 };

/** Draws a profile: most runs have some kinds of faults, few have all. */
export function drawProfile(random: Random): Profile {
  const maybe = (most: number) => (random.chance(0.5) ? 0 : random.next() * most);
  return {
    throttled: maybe(0.1),
    unreachable: maybe(0.05),
    lost: maybe(0.15),
    slow: maybe(0.2),
    crash: maybe(0.01),
    freeze: maybe(0.01),
    torn: maybe(0.5),
  };
}

export function fatesOf(random: Random, profile: () => Profile): Decide {
  return (call: Call): Fate => {
    const { throttled, unreachable, lost, slow, crash, freeze, torn } = profile();
    const slowly = random.chance(slow);
    const fate: Fate = {
      effectAfter: slowly ? random.between(20, 2_000) : random.between(0.5, 8),
      answerAfter: random.chance(slow) ? random.between(20, 1_000) : random.between(0.5, 4),
      pageItems: random.pick([1, 2, 3, 1_000]),
      lag: () => (random.chance(torn) ? random.between(0, random.pick([5, 50, 3_000])) : 0),
      ...(random.chance(freeze) ? { freezeMs: random.pick([1_000, 60_000, 7_200_000]) } : {}),
      ...(random.chance(crash) ? { crash: random.pick(['on call', 'on effect'] as const) } : {}),
    };
    if (random.chance(throttled)) return { ...fate, refusedWith: 'Throttled' };
    if (random.chance(unreachable)) return { ...fate, refusedWith: 'Unreachable' };
    if (!random.chance(lost)) return fate;
    // A lost request may still arrive: minutes later if it is a write.
    const late = call.operation === 'transact' || call.operation === 'write';
    return {
      ...fate,
      lostAfter: random.pick([5, 200, 5_000]),
      dropped: random.chance(0.4),
      effectAfter: random.pick([
        fate.effectAfter,
        random.between(100, 8_000),
        late ? random.between(0, 900_000) : 10,
      ]),
    };
  };
}
