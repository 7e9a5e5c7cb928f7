/**
 * Many processes that move the same tenant, in virtual time: their clocks are minutes apart, and each call may be lost,
 * freeze its process, or be its last. The tenant must arrive with all its data, and no late process may undo its later
 * writes.
 */

import { expect, test } from 'vitest';
import {
  LeasedElsewhere,
  type LeasedRow,
  rejectIfLeased,
  TURN_MS,
  withLease,
} from '../../shared/fleet/leased-row.ts';
import { moveTenant, removeLeftovers } from '../../shared/fleet/move-tenant.ts';
import { NotYet } from '../../shared/fleet/not-yet.ts';
import { TenantDirectory, type TenantEntry, type TenantRow } from '../../shared/fleet/tenant-directory.ts';
import type { TenantHost } from '../../shared/fleet/tenant-host.ts';
import { CheckedTable } from '../../shared/storage/dynamodb/checked-table.ts';
import { copyTenant, purgeTenant } from '../../shared/storage/dynamodb/copy-tenant.ts';
import { type Item, TableError } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { Random } from './random.ts';
import { type Decide, SimulatedConnection } from './simulated-connection.ts';
import { SimulatedTable } from './simulated-table.ts';
import { SimulatedProcess, World } from './world.ts';

const ID = 'acme.0a1b2c3d';
const PODS = '/registry/core/pods';
/** Time that functions wait for calls of others that may still be in flight. */
const RETIRED_MS = 11_000;
const HOUR = 3_600_000;

const ENTRY: TenantEntry = {
  ...{ name: 'acme', owner: 'default/acme', id: ID, state: 'Active', table: 'shared' },
  ...{ arguments: [], adminARNs: [], endpoint: 'https://acme' },
};

/** Safeguards to disable, to check that the test detects it. */
interface Mutant {
  /** Ignores leases on the row. */
  readonly leases?: false;
  /** Overwrites the row unconditionally. */
  readonly conditions?: false;
  /** Does not check whether the lease is still held. */
  readonly checks?: false;
}

interface Outcome {
  readonly wrong: readonly string[];
  /** Number of copies started, and number of copies resumed. */
  readonly begun: number;
  readonly goneOn: number;
}

class Move {
  readonly random: Random;
  readonly world: World;
  readonly tables: Readonly<Record<string, SimulatedTable>>;
  readonly mutant: Mutant;
  readonly expected = new Map<string, Item>();
  begun = 0;
  goneOn = 0;
  isCalm = false;
  #processes = 0;

  constructor(seed: number, mutant: Mutant) {
    this.random = new Random(seed);
    this.world = new World(this.random);
    this.mutant = mutant;
    this.tables = { shared: new SimulatedTable(this.world), own: new SimulatedTable(this.world) };
    const items = 20 + this.random.below(100);
    this.#stands({ pk: '#resources', sk: PODS });
    this.#stands({ pk: `${PODS}#head`, sk: '-', next: items });
    for (let n = 0; n < items; n++) {
      this.#stands({ pk: PODS, sk: `default/${n}`, rv: n, d: new Uint8Array([n]) });
      this.#stands({ pk: `${PODS}#log`, sk: String(n), y: 'p' });
    }
    // Remains of an aborted move.
    for (let n = 0; n < this.random.below(30); n++) {
      this.tables['own']!.write({ put: { pk: `${ID}#${PODS}`, sk: `default/${n + 10}`, rv: 1 } });
    }
    this.tables['own']!.write({ put: { pk: `${ID}##resources`, sk: PODS } });
    this.tables['shared']!.write({
      put: { pk: '#directory', sk: 'acme', rv: 1, entry: JSON.stringify({ ...ENTRY, leftovers: ['own'] }) },
    });
  }

  #stands(item: Item): void {
    this.expected.set(`${item.pk} ${item.sk}`, item);
    this.tables['shared']!.write({ put: { ...item, pk: `${ID}#${item.pk}` } });
  }

  /** A call may be slow, lost, late, and the last of its process. */
  readonly #decide: Decide = ({ writes }) => {
    const { random } = this;
    const pageItems = random.pick([1, 7, 40]);
    const fate = { effectAfter: random.between(1, 400), answerAfter: random.between(1, 20), pageItems };
    if (this.isCalm) return fate;
    const late = {
      ...(random.chance(0.01) && { freezeMs: random.pick([4_000, 40_000, 600_000]) }),
      ...(random.chance(0.004) && { crash: random.pick(['on call', 'on effect'] as const) }),
    };
    if (random.chance(0.03)) return { ...fate, ...late, refusedWith: 'Throttled' };
    if (!random.chance(0.03)) return { ...fate, ...late };
    const isPut = writes?.some((write) => 'put' in write && write.condition?.kind === 'absent') ?? false;
    return {
      ...{ ...fate, ...late, lostAfter: 5_000, dropped: random.chance(0.4) },
      effectAfter: random.pick([random.between(1, 4_000), isPut ? random.between(0, 900_000) : 10]),
    };
  };

  start(): void {
    const skewMs = this.random.between(-120_000, 120_000);
    const process = new SimulatedProcess(this.world, `P${++this.#processes}`, skewMs);
    const connectionTo = (table: string) =>
      new SimulatedConnection({ table: this.tables[table]!, process, decide: this.#decide });
    const host = this.#hostOf(process, connectionTo);
    const directory = new TenantDirectory(connectionTo('shared'), process.clock.monotonic);
    if (this.mutant.conditions === false) {
      const { write } = directory;
      directory.write = async (entry, _, lease) => {
        const standing = await directory.read(entry.name);
        return write.call(directory, entry, standing, lease);
      };
    }
    const exclusively = async (row: TenantRow, work: (held: LeasedRow) => Promise<void>) => {
      const free = this.mutant.leases === false ? { ...row, lease: undefined } : row;
      const newHolder = () => `${process.name}-${this.random.next()}`;
      return withLease(free, { directory, clock: process.clock, newHolder, turnMs: TURN_MS }, work);
    };
    const put = async (entry: TenantEntry, row: TenantRow): Promise<TenantRow> => {
      if (JSON.stringify(entry) === JSON.stringify(row.entry)) return row;
      if (!(await directory.write(entry, row))) throw new LeasedElsewhere('changed meanwhile');
      return { entry, revision: row.revision + 1 };
    };
    const work = async (): Promise<boolean> => {
      let row = (await directory.read('acme'))!;
      if (this.mutant.leases !== false) rejectIfLeased(row, process.clock);
      if (row.entry.table !== 'own') {
        row = await moveTenant('own', row, { host, put, exclusively, begin: async () => undefined });
      }
      const { hasArrived: _, ...there } = row.entry;
      if (row.entry.state !== 'Active') {
        row = await put({ ...there, state: 'Active' }, row);
        this.#serve();
      }
      return (await removeLeftovers(row, host, exclusively)).entry.leftovers === undefined;
    };
    const live = async (): Promise<void> => {
      for (;;) {
        try {
          if (await work()) return;
        } catch (error) {
          if (!(error instanceof NotYet) && !(error instanceof TableError)) throw error;
        }
        await process.clock.sleep(this.random.between(100, 20_000));
      }
    };
    process.resume(this.world.now + this.random.between(0, 60_000), () => {
      live().catch((error: unknown) => this.wrong.push(String(error)));
    });
  }

  readonly wrong: string[] = [];

  #hostOf(
    process: SimulatedProcess,
    connectionTo: (table: string) => SimulatedConnection,
  ): Pick<TenantHost, 'provision' | 'retire' | 'clear' | 'copy' | 'purge'> {
    const { clock } = process;
    const checked = (table: string, check: () => Promise<void>) =>
      new TenantTable(
        new CheckedTable(connectionTo(table), this.mutant.checks === false ? nothing : check),
        ID,
      );
    const clear: TenantHost['clear'] = ({ table }, { check, onRemoved }) =>
      purgeTenant(checked(table, check), { onRemoved, clock });
    return {
      provision: nothing,
      retire: () => clock.sleep(RETIRED_MS),
      clear,
      purge: clear,
      copy: ({ table }, to, { check, after, onCopied }) => {
        if (after === undefined) this.begun++;
        else this.goneOn++;
        const from = new TenantTable(connectionTo(table), ID);
        return copyTenant(from, checked(to, check), { after, onCopied, clock });
      },
    };
  }

  /** The tenant's users change and delete objects as soon as it is served. */
  #serve(): void {
    if (this.#isServed) return;
    this.#isServed = true;
    for (const [key, item] of this.expected) {
      if (item.pk === '#resources' || this.random.chance(0.5)) continue;
      const changed: Item = { ...item, rv: 1_000_000 };
      this.expected.set(key, changed);
      this.tables['own']!.write({ put: { ...changed, pk: `${ID}#${item.pk}` } });
    }
  }

  #isServed = false;

  /** The differences at the end. */
  async end(): Promise<Outcome> {
    const { world, wrong } = this;
    await world.run({ until: world.now + HOUR });
    this.isCalm = true;
    this.start();
    await world.run({ until: world.now + 10 * HOUR });
    const at = (table: string) =>
      ['#resources', `${PODS}#head`, PODS, `${PODS}#log`].flatMap((pk) =>
        this.tables[table]!.all(`${ID}#${pk}`),
      );
    const there = new Map(at('own').map((item) => [`${item.pk.slice(ID.length + 1)} ${item.sk}`, item]));
    for (const [key, item] of this.expected) {
      const found = there.get(key);
      if (found === undefined) wrong.push(`${key} is lost`);
      else if (found['rv'] !== item['rv']) wrong.push(`${key} is ${found['rv']} and not ${item['rv']}`);
    }
    for (const key of there.keys()) if (!this.expected.has(key)) wrong.push(`${key} was gone`);
    for (const { pk, sk } of at('shared')) wrong.push(`${pk} ${sk} is left`);
    const [row] = this.tables['shared']!.all('#directory');
    const { state, table, leftovers } = JSON.parse(row!['entry'] as string) as TenantEntry;
    if (state !== 'Active' || table !== 'own' || leftovers !== undefined)
      wrong.push(`the row ends as ${JSON.stringify(row)}`);
    return { wrong, begun: this.begun, goneOn: this.goneOn };
  }
}

const nothing = async (): Promise<void> => undefined;

async function run(seed: number, mutant: Mutant = {}): Promise<Outcome> {
  const move = new Move(seed, mutant);
  for (let n = 0; n < 2 + (seed % 4); n++) move.start();
  return move.end();
}

test('a tenant arrives completely whichever process dies, freezes or is late, and copied data is not copied again', {
  timeout: 120_000,
}, async () => {
  const sums = { begun: 0, goneOn: 0 };
  for (let seed = 1; seed <= 100; seed++) {
    const { wrong, begun, goneOn } = await run(seed);
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    sums.begun += begun;
    sums.goneOn += goneOn;
  }
  // Many moves were interrupted.
  expect(sums.goneOn).toBeGreaterThan(30);
});

test.each<[string, Mutant]>([
  ['leases', { leases: false, checks: false }],
  ['the row’s conditions', { conditions: false, leases: false }],
  ['checks', { checks: false }],
])('without %s data is lost or reappears', { timeout: 120_000 }, async (_, mutant) => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= 60 && wrong.length === 0; seed++) wrong.push(...(await run(seed, mutant)).wrong);
  expect(wrong).not.toEqual([]);
});
