/** A run drawn from a seed: number of processes and clients, their operations, and the faults. */

import { DEFAULT_PROTOCOL } from '../../shared/storage/dynamodb/protocol.ts';
import { drawProfile } from './faults.ts';
import { type Node, Simulation, type SimulationOptions } from './simulation.ts';
import { act } from './workload.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Longer than a request of a dead process may be in flight. */
const BETWEEN_LIVES = 30 * MINUTE;

/** Returns the violations found in the run. */
export async function runSeed(options: SimulationOptions): Promise<string[]> {
  const simulation = new Simulation(options);
  const { random, world } = simulation;
  simulation.profile = drawProfile(random);
  const keys = Array.from({ length: 1 + random.below(5) }, (_, n) => `${n % 2 === 0 ? 'a' : 'b'}/${n}`);
  let over = false;
  const expiring = () => {
    if (over) return;
    simulation.table.expire(0.5);
    world.schedule(world.now + HOUR, expiring);
  };
  world.schedule(world.now + HOUR, expiring);

  // Several concurrent processes, or successive ones that each know they are alone.
  const alone = random.chance(0.2);
  for (let life = alone ? 1 + random.below(4) : 1; life > 0; life--) {
    const nodes = Array.from({ length: alone ? 1 : 2 + random.below(3) }, () =>
      newRandomNode(simulation, alone),
    );
    // The first process on a new table moves heads together, while others may already be writing.
    if (random.chance(0.6)) for (const node of nodes) void gather(simulation, node);
    if (alone && random.chance(0.5)) void plant(simulation, nodes[0]!, keys);
    await live(simulation, { nodes, keys });
    if (!alone || life === 1) break;
    nodes[0]!.process.crash();
    await simulation.pass(BETWEEN_LIVES);
  }
  over = true;
  await simulation.quiesce();
  return options.trace ? simulation.trace() : simulation.check();
}

/** Runs some clients of these processes until all have finished. */
async function live(
  simulation: Simulation,
  { nodes, keys }: { nodes: readonly Node[]; keys: readonly string[] },
): Promise<void> {
  const { random, world } = simulation;
  const longSilences = random.chance(0.3);
  const clients = Array.from({ length: 2 + random.below(6) }, async (_, n) => {
    let node = random.pick(nodes);
    let client = simulation.newClient(`C${n}`, node);
    for (let step = 5 + random.below(20); step > 0; step--) {
      if (!node.process.alive) return;
      if (random.chance(0.1)) {
        node = random.pick(nodes);
        client = simulation.newClient(`C${n}`, node);
      }
      await act(client, { random, keys, sleep: (ms) => sleepIn(world, ms) });
      const pause =
        longSilences && random.chance(0.1)
          ? random.between(0, 30 * HOUR)
          : random.between(0, random.pick([1, 100, 20_000]));
      await sleepIn(world, pause);
    }
  });
  // Clients of dead processes never finish, so the run also ends by time.
  let finished = 0;
  for (const client of clients) void client.then(() => finished++);
  await world.run({ until: world.now + 400 * HOUR, done: () => finished === clients.length || idle(nodes) });
}

function newRandomNode(simulation: Simulation, alone: boolean): Node {
  const { random } = simulation;
  return simulation.newNode({
    skewMs: random.chance(0.5) ? 0 : random.between(-4 * MINUTE, 4 * MINUTE),
    memoryBytes: random.chance(0.3) ? 0 : 1_000_000,
    windowBytes: random.pick([0, 5_000, 1_000_000]),
    // Small limits, so that even these objects are split into parts.
    partBytes: random.pick([DEFAULT_PROTOCOL.partBytes, 60]),
    packFrom: random.pick([DEFAULT_PROTOCOL.packFrom, 60]),
    // Small limits, so that even these few writes are followed and published.
    followAfter: random.pick([DEFAULT_PROTOCOL.followAfter, 1, 3]),
    resolvedStep: random.pick([DEFAULT_PROTOCOL.resolvedStep, 1, 4]),
    alone,
    follows: random.chance(0.8),
    hinted: !alone && random.chance(0.3),
  });
}

async function gather(simulation: Simulation, node: Node): Promise<void> {
  const { random, world } = simulation;
  await sleepIn(world, random.pick([0, 0, 1, 20, 2_000]));
  await simulation.newClient('bootstrap', node).gatherHeads();
}

/** Succeeds only before the first write. */
async function plant(simulation: Simulation, node: Node, keys: readonly string[]): Promise<void> {
  const { random, world } = simulation;
  await sleepIn(world, random.pick([0, 0, 1, 20, 2_000]));
  await simulation.newClient('planter', node).plant(keys.filter(() => random.chance(0.7)));
}

const idle = (nodes: readonly Node[]) => nodes.every(({ process }) => !process.alive);

/** A client pauses by its own clock: it survives its process. */
function sleepIn(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => world.schedule(world.now + ms, resolve));
}
