/** Schedules of objects that are planted: written without a log, as the first of their resource. */

import { clients, type Schedule, SECOND, script } from './schedules.ts';
import type { Simulation } from './simulation.ts';

const KEYS = ['a/1', 'a/2', 'b/1'];

export const PLANTING_SCHEDULES: readonly Schedule[] = [
  {
    name: 'planting while the process reads and writes',
    run: async (simulation) => {
      const node = simulation.newNode({ alone: true });
      const [planter, one, other] = clients(simulation, node, node, node);
      script(simulation, {
        node,
        operation: 'transact',
        fates: [{ effectAfter: SECOND, answerAfter: SECOND }],
      });
      const planted = planter.plant(KEYS);
      await simulation.pass(SECOND / 2);
      const meanwhile = [one.list({ prefix: '' }), other.get('a/1')];
      other.watch({ prefix: '', resourceVersion: '' });
      await simulation.pass(SECOND);
      meanwhile.push(other.get('a/2'), other.create('b/2'), other.update('a/1'));
      await simulation.finish(Promise.all([planted, ...meanwhile]));
      one.watch({ prefix: '', resourceVersion: '1' });
      await simulation.finish(one.update('b/1'));
      await simulation.finish(one.delete('a/2'));
      for (const client of [one, other]) await simulation.finish(client.list({ prefix: '' }));
      await simulation.finish(one.list({ prefix: '', resourceVersion: '3', exact: true }));
      simulation.expect(simulation.table.planted.length === KEYS.length, 'nothing was planted');
      node.process.crash();
      const [next] = clients(simulation, simulation.newNode({ alone: true }));
      await simulation.finish(next.list({ prefix: '' }));
      await simulation.finish(next.update('b/2'));
      await simulation.finish(next.plant(KEYS));
      await simulation.finish(next.list({ prefix: '' }));
    },
  },
  ...[SECOND / 2, 3 * SECOND].map((effectAfter) => ({
    name: `a planting whose response is lost and which takes effect after ${effectAfter} ms`,
    run: async (simulation: Simulation) => {
      const node = simulation.newNode({ alone: true });
      const [planter, one] = clients(simulation, node, node);
      script(simulation, { node, operation: 'transact', fates: [{ effectAfter, lostAfter: SECOND }] });
      await simulation.finish(planter.plant(KEYS));
      await simulation.finish(one.list({ prefix: '' }));
      await simulation.pass(5 * SECOND);
      await simulation.finish(one.create('a/3'));
      await simulation.finish(one.list({ prefix: '' }));
      await simulation.finish(one.get('a/1'));
    },
  })),
];
