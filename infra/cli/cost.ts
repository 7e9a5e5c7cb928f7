/** `zeroplane cost`: monthly costs of control planes on AWS, from measured request units and published prices. */

import { MILLION_UNITS_DOLLARS } from '../../shared/ui/request-unit-dollars.ts';

/** Dollars, us-east-1, arm64, on demand. */
export const PRICES = {
  /** Per million. */
  writeUnits: MILLION_UNITS_DOLLARS.write,
  readUnits: MILLION_UNITS_DOLLARS.read,
  gatewayRequests: 3.5,
  invocations: 0.2,
  /** Per gigabyte and second. */
  memory: 0.0000133334,
  /** Per gigabyte and month: the table, and its point-in-time backups. */
  storage: 0.25 + 0.2,
  /** Per hour. */
  eks: 0.1,
  /** Per processor and per gigabyte of AWS Fargate, an hour. */
  processor: 0.03238,
  containerMemory: 0.00356,
};

/** Kinds of hosts that hold watches, and serve read requests. */
export type HostKind = 'functions' | 'web function' | 'container';
export const HOST_KINDS: readonly HostKind[] = ['functions', 'web function', 'container'];

/**
 * A Web Function's environment: the watches it holds at most, and gigabytes it uses then. Its prices are not known
 * here: used memory is assumed to cost the same as a function's.
 */
const WEB_FUNCTION = { watches: 128, gigabytes: 0.3 };
/** A container, and the watches that it holds easily (`npm run bench -- fleet`). */
const CONTAINER = { watches: 1000, processors: 0.5, gigabytes: 1 };

/**
 * Cost of a request: DynamoDB's units and the number of sequential calls, from the table in ARCHITECTURE.md (`npm run
 * bench -- storage`), for objects of 3 KB; a fleet's accounting adds a unit to each create and delete.
 */
const OPERATIONS = {
  get: { write: 0, read: 1, calls: 1 },
  list: { write: 0, read: 1, calls: 1 },
  create: { write: 6, read: 0, calls: 3 },
  update: { write: 5, read: 1, calls: 3 },
  delete: { write: 6, read: 1, calls: 4 },
} as const;

/**
 * Read units of an idle minute: of a watch on functions, which has an environment, and polls its log, alone; of a watch
 * in a host that receives hints; and of the hints, which a host reads once for all watches:
 * test/simulation/hints.test.ts.
 */
export const IDLE_MINUTE = { polledWatch: 30, hintedWatch: 0.05, hints: 30 } as const;
/**
 * Write units of the hints for hosts per write, except of Leases and Events: one by the writer, and one by the
 * controllers function, whose hint covers all writes of a second.
 */
const HINT_UNITS = 2;
/**
 * Units to create a tenant of a fleet like earlier ones in the same process, and to delete it with its data:
 * test/integration/fleet/units.test.ts.
 */
export const BOOTSTRAP = { write: 1035, read: 91 } as const;
export const PURGE = { write: 510, read: 173 } as const;
/** Seconds of the controllers function over a tenant's lifetime; most of them are waiting. */
const LIFE_SECONDS = 12;

/** Assumed: milliseconds of a call to DynamoDB from a function, and of a request's own processing. */
const CALL_MS = 5;
const WORK_MS = 8;

type Operation = keyof typeof OPERATIONS;

/** Activity of a tenant's clients per month of 30 days. */
export interface Scenario {
  readonly name: string;
  readonly requests: Partial<Readonly<Record<Operation, number>>>;
  /** client-go's leader elections, renewed all the time. */
  readonly elections?: number;
  /** Held all the time. */
  readonly watches: number;
  readonly storedMB: number;
  /** Control planes created and deleted. */
  readonly lives?: number;
}

const MINUTES = 30 * 24 * 60;
const DAYS = 22;
/** Renewals of a leader election: one every two seconds, each a read and a write. */
const RENEWALS = MINUTES * 30;

const SCENARIOS: readonly Scenario[] = [
  { name: 'idle', requests: {}, watches: 0, storedMB: 1.5 },
  {
    name: 'one operator, 15 informers, a leader election, 5 writes a minute',
    requests: { get: MINUTES * 5, update: MINUTES * 5 },
    elections: 1,
    watches: 15,
    storedMB: 10,
  },
  {
    name: 'GitOps: 3 controllers of 20 informers, 3 leader elections, 200 objects looked at every 5 minutes',
    requests: { get: (MINUTES / 5) * 200, update: MINUTES },
    elections: 3,
    watches: 60,
    storedMB: 50,
  },
  {
    name: '100 people, 100 kubectl commands each on 22 days',
    requests: { list: 100 * 100 * DAYS * 2, get: 100 * 100 * DAYS, update: 100 * 10 * DAYS },
    watches: 0,
    storedMB: 100,
  },
  {
    name: 'CI: 1,000 control planes a day, 200 writes and 500 reads in each',
    requests: { create: 30_000 * 100, delete: 30_000 * 100, get: 30_000 * 500 },
    watches: 0,
    storedMB: 150,
    lives: 30_000,
  },
];

export interface Cost {
  readonly scenario: string;
  /** Dollars a month, by purpose. */
  readonly parts: Readonly<Record<'gateway' | 'functions' | 'watches' | 'table' | 'storage', number>>;
  readonly total: number;
  readonly eks: number;
}

/** Dollars a month for one watch in a kind of host. `secondOf`: a second of a function. */
function holding(host: HostKind, secondOf: number): number {
  const seconds = MINUTES * 60;
  switch (host) {
    case 'functions':
      return seconds * secondOf;
    case 'web function':
      return (seconds * WEB_FUNCTION.gigabytes * PRICES.memory) / WEB_FUNCTION.watches;
    case 'container': {
      const { processors, gigabytes, watches } = CONTAINER;
      const hour = processors * PRICES.processor + gigabytes * PRICES.containerMemory;
      return (hour * 24 * 30) / watches;
    }
  }
}

/** Read units a month for one watch of its own idle log, in a kind of host. */
function watchReads(host: HostKind): number {
  const { polledWatch, hintedWatch, hints } = IDLE_MINUTE;
  if (host === 'functions') return MINUTES * polledWatch;
  const { watches } = host === 'container' ? CONTAINER : WEB_FUNCTION;
  return MINUTES * (hintedWatch + hints / watches);
}

export interface CostOptions {
  /** Of the functions. */
  readonly memoryMB: number;
  /** Default: functions. */
  readonly host?: HostKind;
}

export function costOf(
  { name, requests, elections = 0, watches, storedMB, lives = 0 }: Scenario,
  { memoryMB, host = 'functions' }: CostOptions,
): Cost {
  const renewals = elections * RENEWALS;
  const counts = [
    ...Object.entries(requests),
    ...Object.entries({ get: renewals, update: renewals }),
  ] as readonly [Operation, number][];
  const writes = counts.reduce((all, [operation, count]) => all + (OPERATIONS[operation].write && count), 0);
  const hintUnits = host === 'functions' ? 0 : (writes - renewals) * HINT_UNITS;
  const sum = (of: (operation: (typeof OPERATIONS)[Operation]) => number): number =>
    counts.reduce((total, [operation, count]) => total + count * of(OPERATIONS[operation]), 0);
  const secondOf = (memoryMB / 1024) * PRICES.memory;
  const units = (write: number, read: number): number =>
    (write * PRICES.writeUnits + read * PRICES.readUnits) / 1e6;
  const asked = sum(() => 1);
  const parts = {
    gateway: (asked * PRICES.gatewayRequests) / 1e6,
    functions:
      (asked * PRICES.invocations) / 1e6 +
      sum(({ calls }) => (WORK_MS + calls * CALL_MS) / 1000) * secondOf +
      lives * LIFE_SECONDS * secondOf,
    watches: watches * (holding(host, secondOf) + units(0, watchReads(host))),
    table:
      units(
        sum(({ write }) => write) + hintUnits,
        sum(({ read }) => read),
      ) + units(lives * (BOOTSTRAP.write + PURGE.write), lives * (BOOTSTRAP.read + PURGE.read)),
    storage: (storedMB / 1024) * PRICES.storage,
  };
  const total = Object.values(parts).reduce((all, part) => all + part, 0);
  return { scenario: name, parts, total, eks: PRICES.eks * 24 * 30 };
}

const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 3 : 2)}`;

const markdown = (rows: readonly (readonly string[])[]): string => {
  const [heads = [], ...others] = rows;
  return [heads, heads.map(() => '---'), ...others].map((row) => `| ${row.join(' | ')} |`).join('\n');
};

/** A Markdown table with a row for each scenario. */
export function costTable(options: CostOptions): string {
  const heads = ['a month of', 'gateway', 'functions', 'watches', 'table', 'storage', 'in all', 'EKS'];
  const rows = SCENARIOS.map((scenario) => {
    const { parts, total, eks } = costOf(scenario, options);
    const { gateway, functions, watches, table, storage } = parts;
    const amounts = [gateway, functions, watches, table, storage, total, eks];
    return [scenario.name, ...amounts.map(dollars)];
  });
  return markdown([heads, ...rows]);
}

/** A Markdown table by kind of host: the monthly cost of one watch, and of scenarios in total. */
export function hostTable({ memoryMB }: Pick<CostOptions, 'memoryMB'>): string {
  const watched = SCENARIOS.filter(({ watches }) => watches > 0);
  const one: Scenario = { name: 'one watch', requests: {}, watches: 1, storedMB: 0 };
  const rows = HOST_KINDS.map((host) => {
    const total = (scenario: Scenario) => dollars(costOf(scenario, { memoryMB, host }).total);
    return [host, dollars(holding(host, (memoryMB / 1024) * PRICES.memory)), ...[one, ...watched].map(total)];
  });
  const heads = ['watches are held by', 'holding one', 'and its reads', ...watched.map(({ name }) => name)];
  return markdown([heads, ...rows]);
}
