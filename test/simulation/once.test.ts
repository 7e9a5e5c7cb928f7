/**
 * Many processes that start the same work, in virtual time with all faults: it gets done, and no process waits forever.
 */

import { expect, test } from 'vitest';
import { isStorageError } from '../../shared/storage/errors.ts';
import { type Claim, once } from '../../shared/storage/once.ts';
import { recordConfig } from '../../shared/storage/record-config.ts';
import { CALM, drawProfile } from './faults.ts';
import { type Node, Simulation } from './simulation.ts';
import { CONFIG } from './things.ts';

const CLAIMS = recordConfig<Claim>('/zeroplane/claims');
const STEPS = ['a/1', 'a/2', 'b/1'];

/** Creates each thing that does not exist. */
async function makeThings({ factory }: Node): Promise<void> {
  for (const key of STEPS) {
    try {
      await factory.storageFor(CONFIG).create(key, { metadata: { name: key }, token: key });
    } catch (error) {
      if (!isStorageError(error, 'KeyExists')) throw error;
    }
  }
}

interface Outcome {
  /** How often the work was started. */
  readonly runs: number;
  /** Living processes that were never notified of its completion. */
  readonly stranded: string[];
  readonly things: string[];
}

async function start(simulation: Simulation, starters: number): Promise<Outcome> {
  let runs = 0;
  const done = new Set<string>();
  const nodes = Array.from({ length: starters }, () =>
    simulation.newNode({ skewMs: simulation.random.between(-120_000, 120_000) }),
  );
  for (const node of nodes) {
    const { process, factory } = node;
    const run = async () => {
      runs++;
      await makeThings(node);
    };
    const attempt = async (): Promise<void> => {
      try {
        const claims = factory.storageFor(CLAIMS);
        await once({ claims, name: 'work', version: 1, clock: process.clock, run });
        done.add(process.name);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        await process.clock.sleep(1_000);
        return attempt();
      }
    };
    process.resume(simulation.world.now + simulation.random.between(0, 500), () => void attempt());
  }
  await simulation.quiesce();
  const { items } = await simulation.finish(
    simulation.newNode().factory.storageFor(CONFIG).list({ prefix: '' }),
  );
  return {
    runs,
    stranded: nodes.flatMap(({ process }) =>
      process.alive && !done.has(process.name) ? [process.name] : [],
    ),
    things: items.map(({ key }) => key),
  };
}

test('without faults one of many starters does the work', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const simulation = new Simulation({ seed });
    simulation.profile = CALM;
    expect(await start(simulation, 2 + (seed % 15))).toEqual({ runs: 1, stranded: [], things: STEPS });
  }
});

test('the work completes despite any fault', { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const simulation = new Simulation({ seed });
    simulation.profile = drawProfile(simulation.random);
    const starters = 2 + (seed % 15);
    const outcome = { seed, ...(await start(simulation, starters)) };
    expect(outcome).toEqual({ seed, runs: outcome.runs, stranded: [], things: STEPS });
  }
});
