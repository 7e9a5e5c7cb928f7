/** The relevant schedules, by name: each plays out one hazard, step by step. */

import { HintBoard } from '../../shared/storage/dynamodb/hint-board.ts';
import { decodeRevision } from '../../shared/storage/dynamodb/layout.ts';
import type { Call, Fate } from './simulated-connection.ts';
import type { Node, Simulation } from './simulation.ts';
import { CONFIG } from './things.ts';

export interface Schedule {
  readonly name: string;
  run(simulation: Simulation): Promise<void>;
}

export const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const PROMPT: Fate = { effectAfter: 2, answerAfter: 2 };

/** The fates of the next calls of one kind; all other calls are prompt. */
interface Rule {
  readonly node: Node;
  readonly operation: Call['operation'];
  readonly fates: Partial<Fate>[];
}

export function script(simulation: Simulation, ...rules: Rule[]): void {
  simulation.decide = (call) => {
    const rule = rules.find(({ node, operation, fates }) => {
      return fates.length > 0 && node.process.name === call.process && operation === call.operation;
    });
    return { ...PROMPT, ...rule?.fates.shift() };
  };
}

export const SCHEDULES: readonly Schedule[] = [
  {
    name: 'a dying holder of the sequencer, and a waiting watcher',
    run: async (simulation) => {
      const [dying, writing, watching] = [simulation.newNode(), simulation.newNode(), simulation.newNode()];
      script(simulation, {
        node: dying,
        operation: 'transact',
        fates: [{ dropped: true, crash: 'on call' }],
      });
      const [victim, writer, watcher] = clients(simulation, dying, writing, watching);
      watcher.watch({ prefix: '', resourceVersion: '' });
      await simulation.pass(SECOND);
      void victim.create('a/dead');
      await simulation.pass(SECOND);
      await simulation.finish(writer.create('a/alive'));
      await simulation.pass(10 * SECOND);
    },
  },
  {
    name: 'a fence racing a commit',
    run: async (simulation) => {
      const [slow, quick, reading] = [simulation.newNode(), simulation.newNode(), simulation.newNode()];
      const [slowWriter, quickWriter, reader] = clients(simulation, slow, quick, reading);
      reader.watch({ prefix: '', resourceVersion: '' });
      for (let effectAfter = 40; effectAfter < 160; effectAfter += 2) {
        script(simulation, { node: slow, operation: 'transact', fates: [{ effectAfter }] });
        const raced = slowWriter.create(`a/${effectAfter}`);
        await simulation.pass(10);
        const after = quickWriter.create(`b/${effectAfter}`);
        await simulation.pass(10);
        await simulation.finish(Promise.all([raced, after, reader.list({ prefix: '' })]));
      }
    },
  },
  {
    name: 'create, delete, create, with a slow first creator',
    run: async (simulation) => {
      const [slow, quick] = [simulation.newNode(), simulation.newNode()];
      const [slowWriter, quickWriter] = clients(simulation, slow, quick);
      script(simulation, { node: slow, operation: 'transact', fates: [{ effectAfter: 3 * SECOND }] });
      const first = slowWriter.create('a/k');
      await simulation.pass(100);
      await simulation.finish(quickWriter.create('a/k'));
      await simulation.finish(quickWriter.delete('a/k'));
      await simulation.finish(first);
    },
  },
  {
    name: 'lists during heavy writes, whose items become visible one by one',
    run: async (simulation) => {
      const [writing, reading] = [simulation.newNode(), simulation.newNode({ memoryBytes: 0 })];
      const [writer, reader] = clients(simulation, writing, reading);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(writer.create('a/2'));
      await simulation.pass(HOUR / 2);
      for (let round = 0; round < 10; round++) {
        let writes = 0;
        // The entry becomes visible immediately, the object later.
        script(simulation, {
          node: writing,
          operation: 'transact',
          fates: Array(4).fill({ lag: () => (writes++ % 2 === 0 ? 2 * SECOND : 0) }),
        });
        const written = [writer.update('a/1'), writer.create(`b/${round}`), writer.delete('a/2')];
        await simulation.pass(50);
        await simulation.finish(reader.list({ prefix: '' }));
        await simulation.finish(reader.get('a/1'));
        await simulation.finish(reader.list({ prefix: 'b/' }));
        await simulation.finish(Promise.all(written));
        await simulation.finish(writer.create('a/2'));
      }
    },
  },
  {
    name: 'lists of an unwritten resource during its first write',
    run: async (simulation) => {
      const [writer] = clients(simulation, simulation.newNode());
      const listings = ['', 'a/'].map((prefix) => ({ prefix, node: simulation.newNode({ memoryBytes: 0 }) }));
      script(simulation);
      // Heads are prefetched while none exists.
      for (const { node } of listings) node.factory.prefetch(CONFIG.resourcePrefix);
      await simulation.pass(SECOND);
      for (const key of ['a/1', 'b/1', 'a/2']) await simulation.finish(writer.create(key));
      await simulation.finish(writer.delete('a/2'));
      for (const { node, prefix } of listings) {
        const [reader] = clients(simulation, node);
        await simulation.finish(reader.list({ prefix }));
      }
    },
  },
  {
    name: 'lists that read the head late, or the objects later than the log, while others write',
    run: async (simulation) => {
      const writing = simulation.newNode({ followAfter: 1, resolvedStep: 1 });
      const [writer] = clients(simulation, writing);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(writer.list({ prefix: '' }));
      for (const prefix of ['', 'a/']) {
        const listing = simulation.newNode({ memoryBytes: 0 });
        const [newcomer] = clients(simulation, listing);
        const listed = async (rule: Omit<Rule, 'node'>) => {
          script(simulation, { node: listing, ...rule });
          const list = newcomer.list({ prefix });
          await simulation.pass(100);
          await simulation.finish(writer.update('a/1'));
          await simulation.finish(writer.create(`a/${simulation.world.now}`));
          await simulation.pass(2 * SECOND);
          await simulation.finish(list);
        };
        await listed({ operation: 'get', fates: [{ effectAfter: SECOND }] });
        await listed({ operation: 'query', fates: [{}, { effectAfter: SECOND }] });
        await listed({ operation: 'query', fates: [{ answerAfter: SECOND }] });
      }
    },
  },
  {
    name: 'continue across deletes',
    run: async (simulation) => {
      const [writing, reading] = [
        simulation.newNode(),
        simulation.newNode({ memoryBytes: 0, windowBytes: 0 }),
      ];
      script(simulation);
      const [writer, reader] = clients(simulation, writing, reading);
      const keys = Array.from({ length: 8 }, (_, n) => `a/${n}`);
      for (const key of keys) await simulation.finish(writer.create(key));
      let page = 0;
      await simulation.finish(
        reader.pages({
          prefix: '',
          limit: 2,
          pause: async () => {
            await writer.delete(keys[++page]!);
            await writer.delete(keys[7 - page]!);
            await writer.create(`a/${page}-more`);
            await writer.create(keys[page]!);
          },
        }),
      );
    },
  },
  {
    name: 'a watcher at a revision whose entries expired',
    run: async (simulation) => {
      const [writing, watching] = [simulation.newNode(), simulation.newNode()];
      script(simulation);
      const [writer, watcher] = clients(simulation, writing, watching);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(watcher.list({ prefix: '' }));
      await simulation.finish(writer.create('a/2'));
      await simulation.finish(writer.delete('a/2'));
      await simulation.pass(30 * HOUR);
      simulation.table.expire(1);
      await simulation.pass(10 * SECOND);
      await simulation.finish(writer.update('a/1'));
      // Its process has been idle since its list; the other one has never listed.
      const [newcomer] = clients(simulation, simulation.newNode());
      watcher.watch({ prefix: '', resourceVersion: '2' });
      newcomer.watch({ prefix: '', resourceVersion: '2' });
      await simulation.pass(10 * SECOND);
    },
  },
  {
    name: 'a day of dying writers, and an older watcher',
    run: async (simulation) => {
      const [writing, watching] = [simulation.newNode(), simulation.newNode()];
      script(simulation);
      const [writer, watcher] = clients(simulation, writing, watching);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(watcher.list({ prefix: '' }));
      await simulation.finish(writer.update('a/1'));
      for (let half = 0; half < 60; half++) {
        const node = simulation.newNode();
        script(simulation, { node, operation: 'transact', fates: [{ dropped: true, crash: 'on call' }] });
        const [victim] = clients(simulation, node);
        void victim.create(`a/dead-${half}`);
        await simulation.pass(HOUR / 2);
      }
      simulation.table.expire(1);
      await simulation.pass(10 * SECOND);
      await simulation.finish(writer.update('a/1'));
      const [newcomer] = clients(simulation, simulation.newNode());
      watcher.watch({ prefix: '', resourceVersion: '2' });
      newcomer.watch({ prefix: '', resourceVersion: '2' });
      await simulation.finish(newcomer.list({ prefix: '' }));
      await simulation.pass(10 * SECOND);
    },
  },
  {
    name: 'two processes sweeping',
    run: async (simulation) => {
      const [one, two, watching] = [simulation.newNode(), simulation.newNode(), simulation.newNode()];
      script(simulation);
      const [writer, , watcher] = clients(simulation, one, two, watching);
      for (let n = 0; n < 10; n++) await simulation.finish(writer.create(`a/${n}`, { ttlSeconds: 60 }));
      watcher.watch({ prefix: '', resourceVersion: '' });
      await simulation.pass(61 * SECOND);
      const swept = await simulation.finish(
        Promise.all([one, two].map(({ factory }) => factory.sweepExpired(CONFIG))),
      );
      if (swept[0]! + swept[1]! !== 10) throw new Error(`swept ${swept}`);
      await simulation.finish(Promise.all([writer.create('a/1'), writer.list({ prefix: '' })]));
      await simulation.pass(HOUR * 25);
      await simulation.finish(Promise.all([one, two].map(({ factory }) => factory.removeLeftovers(CONFIG))));
      await simulation.finish(writer.list({ prefix: '' }));
    },
  },
  {
    name: 'a writer frozen until the tombstone that would stop it is gone',
    run: async (simulation) => {
      const [frozen, quick] = [simulation.newNode(), simulation.newNode()];
      const [late, quickWriter] = clients(simulation, frozen, quick);
      script(simulation, { node: frozen, operation: 'allocate', fates: [{}, { freezeMs: 3 * HOUR }] });
      const first = late.create('a/k');
      await simulation.pass(100);
      await simulation.finish(quickWriter.create('a/k'));
      await simulation.finish(quickWriter.delete('a/k'));
      await simulation.pass(2 * HOUR);
      simulation.table.expire(1);
      await simulation.pass(10 * SECOND);
      await simulation.finish(first);
    },
  },
  {
    name: 'a single process that reads its own unacknowledged write',
    run: async (simulation) => {
      const node = simulation.newNode({ alone: true, memoryBytes: 0, windowBytes: 0 });
      const [writer, reader] = clients(simulation, node, node);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(reader.list({ prefix: '' }));
      script(simulation, { node, operation: 'transact', fates: [{ answerAfter: SECOND }] });
      const written = writer.update('a/1');
      await simulation.pass(100);
      await simulation.finish(reader.list({ prefix: '' }));
      await simulation.finish(reader.list({ prefix: 'a/' }));
      await simulation.finish(written);
    },
  },
  {
    name: 'a single process that writes during its first read of the log',
    run: async (simulation) => {
      const node = simulation.newNode({ alone: true, memoryBytes: 0 });
      const [writer, reader] = clients(simulation, node, node);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      script(simulation, { node, operation: 'query', fates: [{ answerAfter: SECOND }] });
      const first = reader.list({ prefix: 'b/' });
      await simulation.pass(100);
      await simulation.finish(writer.update('a/1'));
      await simulation.finish(first);
      await simulation.finish(reader.list({ prefix: 'b/' }));
    },
  },
  {
    name: 'a single process that writes while it loads resources in use',
    run: async (simulation) => {
      for (const windowBytes of [0, 1_000_000]) {
        const node = simulation.newNode({ alone: true, windowBytes });
        const [writer, reader] = clients(simulation, node, node);
        script(simulation);
        for (const key of ['a/1', 'a/2', 'b/1']) await simulation.finish(writer.create(key));
        // The third read within a minute starts to load the resource; rows are read immediately, but the response is
        // late.
        await simulation.finish(reader.get('a/1'));
        await simulation.finish(reader.get('a/1'));
        script(simulation, { node, operation: 'query', fates: [{ answerAfter: SECOND }] });
        await simulation.finish(reader.get('a/1'));
        await simulation.finish(writer.update('a/1'));
        await simulation.finish(writer.delete('a/2'));
        await simulation.finish(writer.create('a/3'));
        await simulation.finish(reader.get('a/2'));
        await simulation.pass(2 * SECOND);
        await simulation.finish(reader.list({ prefix: '' }));
        await simulation.finish(reader.get('a/1'));
        await simulation.finish(reader.pages({ prefix: '', limit: 1, pause: () => writer.update('b/1') }));
        // The remaining objects were stored by another process; the one that was alone has ended.
        for (const key of ['a/1', 'a/3', 'b/1']) await simulation.finish(writer.delete(key));
        node.process.crash();
        await simulation.pass(HOUR / 2);
      }
    },
  },
  {
    name: 'a single process that proves its writes',
    run: async (simulation) => {
      const node = simulation.newNode({ alone: true });
      const [one, other] = clients(simulation, node, node);
      script(simulation);
      await simulation.finish(one.create('a/1'));
      await simulation.finish(one.list({ prefix: '' }));
      await simulation.finish(one.update('a/1'));
      await simulation.finish(one.create('a/1'));
      await simulation.finish(Promise.all([one.create('a/2'), other.create('a/2'), one.update('a/1')]));
      await simulation.finish(Promise.all([one.delete('a/1'), other.delete('a/1')]));
      await simulation.finish(one.create('a/1'));
      await simulation.finish(other.list({ prefix: '' }));
    },
  },
  {
    name: 'two processes that load while both write, one of which packs its values',
    run: async (simulation) => {
      const nodes = [
        simulation.newNode({ packFrom: 60, partBytes: 60 }),
        simulation.newNode({ packFrom: 1_000_000 }),
      ] as const;
      const [packing, plain] = clients(simulation, ...nodes);
      script(simulation);
      for (const key of ['a/1', 'a/2']) await simulation.finish(packing.create(key));
      for (const key of ['b/1', 'b/2']) await simulation.finish(plain.create(key));
      let shown = 0;
      // The log is read late, row responses are late, and the items of each write become visible one at a time.
      script(
        simulation,
        ...nodes.map((node) => ({
          node,
          operation: 'query' as const,
          fates: [{ effectAfter: SECOND }, { answerAfter: SECOND }],
        })),
        ...nodes.map((node) => ({
          node,
          operation: 'transact' as const,
          fates: Array(3).fill({ lag: () => (shown++ % 2 === 0 ? 3 * SECOND : 0) }),
        })),
      );
      const loads = [packing.list({ prefix: '' }), plain.list({ prefix: '' })];
      await simulation.pass(100);
      await simulation.finish(Promise.all([packing.update('b/1'), plain.update('a/1')]));
      await simulation.finish(Promise.all([packing.delete('b/2'), plain.create('b/3')]));
      await simulation.finish(Promise.all(loads));
      for (const client of [packing, plain]) {
        await simulation.finish(client.list({ prefix: '' }));
        await simulation.finish(client.get('a/1'));
        client.watch({ prefix: '', resourceVersion: '2' });
      }
      await simulation.finish(Promise.all([packing.update('a/1'), plain.update('a/2')]));
      await simulation.pass(10 * SECOND);
    },
  },
  {
    name: 'a single process whose predecessor wrote after its start',
    run: async (simulation) => {
      const first = simulation.newNode({ alone: true });
      const [killed] = clients(simulation, first);
      script(simulation);
      await simulation.finish(killed.create('a/1'));
      // Its last request takes effect after its death, and takes the revision that its successor is about to allocate.
      script(simulation, {
        node: first,
        operation: 'transact',
        fates: [{ effectAfter: SECOND, crash: 'on call' }],
      });
      void killed.create('a/2');
      await simulation.pass(100);
      const second = simulation.newNode({ alone: true });
      const [writer, reader] = clients(simulation, second, second);
      await simulation.finish(reader.list({ prefix: '' }));
      script(simulation, { node: second, operation: 'transact', fates: [{ effectAfter: 2 * SECOND }] });
      await simulation.finish(writer.create('a/3'));
      await simulation.finish(reader.list({ prefix: '' }));
    },
  },
  {
    name: 'a single process with lost responses',
    run: async (simulation) => {
      const node = simulation.newNode({ alone: true });
      const [writer, reader] = clients(simulation, node, node);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      for (const effectAfter of [1, 20, 500, 5_000]) {
        for (const fates of [
          [{ lostAfter: 10, effectAfter }],
          [{ lostAfter: 10, dropped: true, effectAfter }],
        ]) {
          script(simulation, { node, operation: 'transact', fates });
          await simulation.finish(Promise.all([writer.update('a/1'), writer.create(`b/${effectAfter}`)]));
          await simulation.finish(reader.list({ prefix: '' }));
          script(simulation, { node, operation: 'transact', fates });
          await simulation.finish(writer.delete(`b/${effectAfter}`));
          await simulation.pass(2 * SECOND);
        }
      }
    },
  },
  {
    name: 'a reader frozen between the objects and the log for longer than the log is served',
    run: async (simulation) => {
      const [writing, reading] = [
        simulation.newNode(),
        simulation.newNode({ memoryBytes: 0, windowBytes: 0 }),
      ];
      const [writer, reader] = clients(simulation, writing, reading);
      script(simulation);
      await simulation.finish(writer.create('a/1'));
      await simulation.finish(reader.list({ prefix: 'a/' }));
      script(simulation, { node: reading, operation: 'query', fates: [{ freezeMs: 2 * HOUR }] });
      const listed = reader.list({ prefix: 'a/' });
      await simulation.pass(100);
      await simulation.finish(writer.update('a/1'));
      await simulation.finish(writer.create('a/2'));
      await simulation.finish(listed);
    },
  },
  {
    name: 'lost responses',
    run: async (simulation) => {
      const node = simulation.newNode();
      const [writer] = clients(simulation, node);
      for (const effectAfter of [1, 5, 20, 100, 2_000]) {
        const lost = { lostAfter: 10, effectAfter };
        script(simulation, { node, operation: 'transact', fates: [lost] });
        await simulation.finish(writer.create(`a/${effectAfter}`));
        script(simulation, { node, operation: 'transact', fates: [lost, lost] });
        await simulation.finish(
          Promise.all([writer.update(`a/${effectAfter}`), writer.create(`b/${effectAfter}`)]),
        );
        script(simulation, { node, operation: 'transact', fates: [lost] });
        await simulation.finish(writer.delete(`a/${effectAfter}`));
      }
      await simulation.pass(5 * SECOND);
    },
  },
  {
    name: 'a rejection while a lost request of the rejected process is in flight',
    run: async (simulation) => {
      const [refused, deleting, writing] = [simulation.newNode(), simulation.newNode(), simulation.newNode()];
      const [creator, deleter, writer] = clients(simulation, refused, deleting, writing);
      script(
        simulation,
        { node: deleting, operation: 'transact', fates: [{ effectAfter: SECOND }] },
        { node: refused, operation: 'transact', fates: [{ lostAfter: 50, effectAfter: 4 * SECOND }] },
      );
      await simulation.finish(writer.create('a/k'));
      const deletion = deleter.delete('a/k');
      await simulation.pass(100);
      await simulation.finish(creator.create('a/k'));
      await simulation.finish(deletion);
      await simulation.pass(10 * SECOND);
      await simulation.finish(writer.list({ prefix: '' }));
    },
  },
  {
    name: 'early, late, reordered and lost hints',
    run: async (simulation) => {
      const [first, second, silent, watching] = [
        simulation.newNode({ hinted: true, hurried: true }),
        simulation.newNode({ hinted: true, hurried: true }),
        simulation.newNode({ hurried: true }),
        simulation.newNode({ hinted: true, hurried: true }),
      ];
      const [one, other, unhinted, watcher] = clients(simulation, first, second, silent, watching);
      script(simulation);
      const { events } = watcher.watch({ prefix: '', resourceVersion: '' });
      /** Expects that the object is delivered within this time. */
      const tellsWithin = async (ms: number, created: string) => {
        await simulation.pass(ms);
        const isTold = events.some((event) => event.type === 'ADDED' && event.sighting.key === created);
        simulation.expect(isTold, `${created} is late`);
      };
      // By hints alone: by now it polls at most once in ten minutes.
      const rest = () => simulation.pass(15 * SECOND);
      await rest();
      for (let n = 0; n < 10; n++) {
        await simulation.finish(one.create(`a/prompt-${n}`));
        await tellsWithin(4 * SECOND, `a/prompt-${n}`);
        await rest();
      }
      for (const effectAfter of [100, SECOND, 3 * SECOND, 8 * SECOND]) {
        script(simulation, { node: first, operation: 'transact', fates: [{ effectAfter }] });
        await simulation.finish(one.create(`a/early-${effectAfter}`));
        await tellsWithin(4 * SECOND, `a/early-${effectAfter}`);
        await rest();
      }
      script(simulation, { node: first, operation: 'write', fates: [{ effectAfter: 2 * SECOND }] });
      await simulation.finish(one.create('a/after'));
      await simulation.finish(other.create('a/before'));
      await tellsWithin(4 * SECOND, 'a/after');
      await tellsWithin(0, 'a/before');
      await rest();
      // Its writer dies after the hint; the next writer's change must still be delivered.
      const dying = simulation.newNode({ hinted: true, hurried: true });
      const [victim] = clients(simulation, dying);
      script(simulation, { node: dying, operation: 'transact', fates: [{ dropped: true }] });
      void victim.create('a/dead');
      await simulation.pass(100);
      dying.process.crash();
      await rest();
      await simulation.finish(other.create('a/next'));
      await tellsWithin(4 * SECOND, 'a/next');
      await rest();
      // The writer's hint is lost; the consumer of the table's stream sends another slightly later.
      script(simulation, { node: first, operation: 'write', fates: [{ dropped: true, lostAfter: SECOND }] });
      await simulation.finish(one.create('a/streamed'));
      await simulation.pass(2 * SECOND);
      const { process, connection: table } = simulation.newNode();
      const { clock, name: writer } = process;
      const board = new HintBoard({ table, clock, writer, publishes: true, listens: false });
      const revision = decodeRevision(simulation.table.entries.at(-1)!.item.sk);
      await simulation.finish(board.of('')(CONFIG.resourcePrefix)!.publish(revision));
      await tellsWithin(2 * SECOND, 'a/streamed');
      await rest();
      script(simulation, { node: first, operation: 'write', fates: [{ dropped: true, lostAfter: SECOND }] });
      await simulation.finish(one.create('a/lost'));
      // The log has been quiet for half a minute.
      await tellsWithin(70 * SECOND, 'a/lost');
      // Hints are then not relied on for a while.
      await rest();
      for (let n = 0; n < 10; n++) {
        await simulation.finish(unhinted.create(`a/silent-${n}`));
        await tellsWithin(4 * SECOND, `a/silent-${n}`);
        await simulation.pass(10 * SECOND);
      }
      await simulation.pass(15 * 60 * SECOND);
      await simulation.finish(unhinted.create('a/silent'));
      await tellsWithin(601 * SECOND, 'a/silent');
      // A process frozen for longer than hints are kept polls.
      watching.process.freeze(HOUR / 2);
      await simulation.finish(one.create('a/asleep'));
      await simulation.pass(HOUR / 2);
      await tellsWithin(4 * SECOND, 'a/asleep');
      // It would otherwise poll every second.
      watching.process.crash();
    },
  },
];

export function clients<N extends readonly Node[]>(simulation: Simulation, ...nodes: N) {
  return nodes.map((node, n) => simulation.newClient(`C${n}`, node)) as {
    [I in keyof N]: ReturnType<Simulation['newClient']>;
  };
}
