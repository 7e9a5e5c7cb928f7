import { describe, expect, test } from 'vitest';
import { Heads } from '../../shared/storage/dynamodb/heads.ts';
import { LogHistory } from '../../shared/storage/dynamodb/log-history.ts';
import { LogTail } from '../../shared/storage/dynamodb/log-tail.ts';
import { PollSchedule } from '../../shared/storage/dynamodb/poll-schedule.ts';
import { ResourceReader } from '../../shared/storage/dynamodb/resource-reader.ts';
import { type PlantingOutcome, Sequencer } from '../../shared/storage/dynamodb/sequencer.ts';
import { WrittenResources } from '../../shared/storage/dynamodb/written-resources.ts';
import { HEAD_SCHEDULES } from './head-schedules.ts';
import { PLANTING_SCHEDULES } from './planting-schedules.ts';
import { SCHEDULES } from './schedules.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

const ALL = [...SCHEDULES, ...HEAD_SCHEDULES, ...PLANTING_SCHEDULES];

async function play(name: string, options: Omit<SimulationOptions, 'seed'> = {}): Promise<string[]> {
  const simulation = new Simulation({ seed: 1, ...options });
  await ALL.find((schedule) => schedule.name === name)!.run(simulation);
  await simulation.quiesce();
  return simulation.check();
}

test.each(ALL.map(({ name }) => name))('%s', async (name) => {
  expect(await play(name)).toEqual([]);
});

test('writes of a single process are proven once its resource is in memory', async () => {
  const simulation = new Simulation({ seed: 1 });
  await ALL.find(({ name }) => name === 'a single process that proves its writes')!.run(simulation);
  expect(simulation.table.proofs).toEqual({ right: 5, wrong: [] });
});

/** Each safeguard, and the schedule that only it withstands: without it the checker must find a violation. */
const SAFEGUARDS: readonly [string, Omit<SimulationOptions, 'seed'>, string, RegExp][] = [
  [
    'a revision is written only once',
    { broken: { entryCondition: true } },
    'a fence racing a commit',
    /was written twice/,
  ],
  [
    'a create is younger than the tombstone it replaces',
    { broken: { tombstoneRule: true } },
    'create, delete, create, with a slow first creator',
    /replaces revision 0, but 2 stood there/,
  ],
  [
    'recent changes are merged into rows',
    { protocol: { settleMs: 0 } },
    'lists during heavy writes, whose items become visible one by one',
    /the log says/,
  ],
  [
    'a hole is filled with a noop only if it is young',
    { protocol: { youngMs: Number.POSITIVE_INFINITY } },
    'a watcher at a revision whose entries expired',
    /in place of/,
  ],
  [
    "a revision isn't held for long",
    { protocol: { maxHoldMs: Number.POSITIVE_INFINITY } },
    'a writer frozen until the tombstone that would stop it is gone',
    /replaces revision 0, but 2 stood there/,
  ],
  [
    'the outcome of a lost response is decided by the owner of the entry',
    { broken: { writerMark: true } },
    'lost responses',
    /was refused and written/,
  ],
  [
    'hints are read again, since reads may be stale',
    { protocol: { hintWindowMs: 0 } },
    'early, late, reordered and lost hints',
    /prompt-\d+ is late/,
  ],
  [
    'a log is polled even without a hint',
    { protocol: { hintedBusyMs: Number.POSITIVE_INFINITY, hintedPauseMs: Number.POSITIVE_INFINITY } },
    'early, late, reordered and lost hints',
    /a\/lost is late/,
  ],
  [
    "hints aren't relied on after a missed one",
    { protocol: { unhintedMs: 0 } },
    'early, late, reordered and lost hints',
    /silent-\d+ is late/,
  ],
  [
    'heads are assembled only if there are none',
    { broken: { headCondition: true } },
    'heads assembled by several processes while some have their own rows',
    /misses 2, acknowledged before it/,
  ],
];

/** Steps of the protocol, and the schedules that fail without them. */
const STEPS: readonly [string, () => () => void, string, RegExp][] = [
  [
    'changes since the read of rows are merged into them, alone',
    forgetHistory,
    'a single process that writes while it loads resources in use',
    /the log says/,
  ],
  [
    'conditions are proven only by the state that is replaced',
    believeAll,
    'a single process that proves its writes',
    /not proven/,
  ],
  [
    'changes since the read of rows are merged into them, among other processes',
    forgetHistory,
    'two processes that load while both write, one of which packs its values',
    /the log says/,
  ],
  [
    'without earlier writes, changes since the read of the head are the whole list',
    forgetHistory,
    'lists of an unwritten resource during its first write',
    /the log says/,
  ],
  [
    'rows are read at the same time as the head',
    beginAtOnce,
    'lists that read the head late, or the objects later than the log, while others write',
    /the log says/,
  ],
  [
    'a list covers revisions up to its newest row',
    neverBehind,
    'lists that read the head late, or the objects later than the log, while others write',
    /the log says/,
  ],
  ['a hinted revision is waited for', lookOnceOnly, 'early, late, reordered and lost hints', /is late/],
  [
    "values read during a write aren't cached",
    takeAllForSettled,
    'reads of several servers during and after a write',
    /is no newer than/,
  ],
  [
    'heads are read again',
    lookNoMore,
    'reads of several servers during and after a write',
    /is older than asked/,
  ],
  [
    'written resources are in the list of resources',
    listNothing,
    'the list of written resources during first writes',
    /missed a\/1/,
  ],
  [
    'a resource is in the list of resources before its first write',
    listMeanwhile,
    'the list of written resources during first writes',
    /missed a\/[12]/,
  ],
  [
    'the head is read only after a planting',
    () => assumePlanting(async () => 'planted'),
    'planting while the process reads and writes',
    /was written twice/,
  ],
  [
    'a planting that has failed takes no effect later',
    () => assumePlanting(async (outcome) => ((await outcome) === 'unknown' ? 'refused' : 'planted')),
    'a planting whose response is lost and which takes effect after 3000 ms',
    /was written twice|the log says/,
  ],
];

/** Replaces the outcomes of plantings. */
function assumePlanting(
  assumed: (outcome: Promise<PlantingOutcome>) => Promise<PlantingOutcome>,
): () => void {
  const { duringPlanting } = Sequencer.prototype;
  Sequencer.prototype.duringPlanting = function (outcome) {
    return duringPlanting.call(this, assumed(outcome));
  };
  return () => {
    Sequencer.prototype.duringPlanting = duringPlanting;
  };
}

/** Disables it until the returned function is called. */
function forgetHistory(): () => void {
  const { between } = LogHistory.prototype;
  LogHistory.prototype.between = async function* () {};
  return () => {
    LogHistory.prototype.between = between;
  };
}

function believeAll(): () => void {
  const { isKnown } = ResourceReader.prototype;
  ResourceReader.prototype.isKnown = () => true;
  return () => {
    ResourceReader.prototype.isKnown = isKnown;
  };
}

function beginAtOnce(): () => void {
  const { begin } = LogTail.prototype;
  LogTail.prototype.begin = async function () {
    const { generation } = this;
    const begun = begin.call(this);
    if (this.position > 0) return await begun;
    const current = begun.then((beginning) => beginning.current);
    return { opens: true, generation: generation + 1, current, unwritten: false };
  };
  return () => {
    LogTail.prototype.begin = begin;
  };
}

function neverBehind(): () => void {
  const isBehind = Object.getOwnPropertyDescriptor(LogTail.prototype, 'isBehind')!;
  Object.defineProperty(LogTail.prototype, 'isBehind', { ...isBehind, get: () => false });
  return () => {
    Object.defineProperty(LogTail.prototype, 'isBehind', isBehind);
  };
}

function takeAllForSettled(): () => void {
  const { isSettled } = Heads.prototype;
  Heads.prototype.isSettled = () => true;
  return () => {
    Heads.prototype.isSettled = isSettled;
  };
}

/** Treats the first read of a head as current forever. */
function lookNoMore(): () => void {
  const { within } = Heads.prototype;
  Heads.prototype.within = async function (prefix, maxStalenessMs) {
    const seen = this.lastSeen(prefix);
    return seen
      ? { ...seen, requestedAt: Number.MAX_SAFE_INTEGER }
      : await within.call(this, prefix, maxStalenessMs);
  };
  return () => {
    Heads.prototype.within = within;
  };
}

function listNothing(): () => void {
  const { list } = WrittenResources.prototype;
  WrittenResources.prototype.list = async () => {};
  return () => {
    WrittenResources.prototype.list = list;
  };
}

/** Does not wait for the write to the list. */
function listMeanwhile(): () => void {
  const { list } = WrittenResources.prototype;
  WrittenResources.prototype.list = async function (resourcePrefix) {
    void list.call(this, resourcePrefix).catch(() => {});
  };
  return () => {
    WrittenResources.prototype.list = list;
  };
}

function lookOnceOnly(): () => void {
  const { onHint } = PollSchedule.prototype;
  PollSchedule.prototype.onHint = function (revision = 0) {
    this.recordKnown(revision);
    return true;
  };
  return () => {
    PollSchedule.prototype.onHint = onHint;
  };
}

test.each(STEPS)('the checker detects the missing step: %s', async (_, breakIt, schedule, finding) => {
  const mend = breakIt();
  try {
    expect((await play(schedule)).join('\n')).toMatch(finding);
  } finally {
    mend();
  }
});

describe('the checker detects each missing safeguard', () => {
  test.each(SAFEGUARDS)('%s', async (_, options, schedule, finding) => {
    const violations = await play(schedule, options);
    expect(violations.join('\n')).toMatch(finding);
  });
});
