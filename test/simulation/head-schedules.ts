/** Hazards of heads that stand together: a reader may mistake an earlier read for the current state. */

import { clients, type Schedule, SECOND, script } from './schedules.ts';
import type { Node } from './simulation.ts';

const HALF_A_SECOND = { maxStalenessMs: 500 };

export const HEAD_SCHEDULES: readonly Schedule[] = [
  {
    name: 'reads of several servers during and after a write',
    run: async (simulation) => {
      // One has the resource in memory, the other reads its rows.
      const [writing, reading, holding] = [1, 2, 3].map(() => simulation.newNode({ follows: true })) as [
        Node,
        Node,
        Node,
      ];
      const [writer, reader, holder] = clients(simulation, writing, reading, holding);
      script(simulation);
      await simulation.finish(writer.gatherHeads());
      await simulation.finish(writer.create('a/1'));
      for (let round = 0; round < 3; round++) {
        for (const { factory } of [reading, holding]) await simulation.finish(factory.refreshHeads());
        script(simulation, { node: writing, operation: 'transact', fates: [{ effectAfter: 3 * SECOND }] });
        const update = writer.update('a/1');
        const read = async () => {
          await simulation.finish(reader.get('a/1', '', HALF_A_SECOND));
          await simulation.finish(reader.below('a/', HALF_A_SECOND.maxStalenessMs));
          await simulation.finish(holder.snapshot(HALF_A_SECOND.maxStalenessMs));
          await simulation.pass(SECOND);
        };
        // With a head that already includes the write, and with one that does not.
        await simulation.pass(100);
        await read();
        for (const { factory } of [reading, holding]) await simulation.finish(factory.refreshHeads());
        await read();
        await simulation.finish(update);
        await simulation.pass(SECOND);
        for (let time = 0; time < 3; time++) await read();
      }
    },
  },
  {
    name: 'heads assembled by several processes while some have their own rows',
    run: async (simulation) => {
      const [early, slow] = [simulation.newNode(), simulation.newNode({ follows: true })];
      const [writer, gatherer] = clients(simulation, early, slow);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(gatherer.gatherHeads());
      const [newcomer] = clients(simulation, simulation.newNode({ follows: true }));
      await simulation.finish(newcomer.list({ prefix: '' }));
      await simulation.finish(Promise.all([writer.update('a/1'), newcomer.create('a/2')]));
      await simulation.finish(gatherer.list({ prefix: '' }));
    },
  },
  {
    name: 'the list of written resources during first writes',
    run: async (simulation) => {
      const nodes = [1, 2, 3].map(() => simulation.newNode({ follows: true }));
      const [first, second, asking] = clients(simulation, ...nodes);
      script(simulation);
      await simulation.finish(asking!.gatherHeads());
      await simulation.finish(asking!.written());
      // Both register it in the list: one is late, the other is lost and retries.
      script(
        simulation,
        { node: nodes[0]!, operation: 'write', fates: [{ effectAfter: 3 * SECOND }] },
        { node: nodes[1]!, operation: 'write', fates: [{ lostAfter: 50, dropped: true }] },
      );
      const writes = Promise.all([first!.create('a/1'), second!.create('a/2')]);
      for (let time = 0; time < 200; time++) {
        await simulation.finish(asking!.written());
        await simulation.pass(20);
      }
      await simulation.finish(writes);
      await simulation.finish(asking!.written());
    },
  },
  {
    name: 'a writer that read the heads before they were assembled',
    run: async (simulation) => {
      const nodes = [
        simulation.newNode(),
        simulation.newNode({ follows: true }),
        simulation.newNode({ follows: true }),
      ];
      const [stranger, early, gatherer] = clients(simulation, ...nodes);
      script(simulation);
      for (const client of [stranger!, early!]) await simulation.finish(client.list({ prefix: '' }));
      await simulation.finish(gatherer!.gatherHeads());
      await simulation.finish(stranger!.create('a/1'));
      await simulation.finish(early!.create('a/2'));
      await simulation.finish(gatherer!.create('a/3'));
      for (const client of [stranger!, early!, gatherer!])
        await simulation.finish(client.list({ prefix: '' }));
      await simulation.pass(SECOND);
      for (const client of [stranger!, early!]) await simulation.finish(client.snapshot(500));
    },
  },
];
