import { expect, test } from 'vitest';
import { currentTurn, Holder, keepTurn, Turn, TurnQueue, takeTurn } from '../../../shared/util/turns.ts';

/** The order in which they resume; `held`: time held by each one's party and by its work, in milliseconds. */
function resumed(held: Readonly<Record<string, readonly [party: number, work: number]>>): string[] {
  const queue = new TurnQueue();
  const seen: string[] = [];
  for (const [name, [ofParty, ofWork]] of Object.entries(held)) {
    const party = new Holder();
    party.hold(ofParty - ofWork, 0);
    const turn = new Turn(party);
    turn.hold(ofWork, 0);
    queue.add(() => seen.push(name), turn, 0);
  }
  for (const _ of Object.keys(held)) queue.resumeNext();
  return seen;
}

test.each([
  ['the earliest of callers that held little', { a: [600, 0], b: [0, 0], c: [2, 2] }, ['a', 'b', 'c']],
  ['the caller that held less', { a: [500, 500], b: [90, 90], c: [0, 0] }, ['c', 'b', 'a']],
  ['the caller whose work held less, regardless of its party', { a: [30, 30], b: [9_000, 0] }, ['b', 'a']],
  ['within a party, the work that held less', { a: [90, 60], b: [90, 10] }, ['b', 'a']],
  ['of equal work, that whose party held less', { a: [9_000, 10], b: [700, 10] }, ['b', 'a']],
  [
    'the longest-waiting caller every fourth time',
    { a: [500, 500], b: [0, 0], c: [0, 0], d: [0, 0], e: [0, 0] },
    ['b', 'c', 'd', 'a', 'e'],
  ],
] as const)('first resumes %s', (_, held, expected) => {
  expect(resumed(held)).toEqual(expected);
});

test('a turn that joins another party counts as that party from then on', () => {
  const [first, second] = [new Holder(), new Holder()];
  const turn = new Turn(first);
  turn.hold(100, 0);
  // Six levels of work, of eight parties each.
  expect(turn.levelAt(0)).toBe(new Turn(first).levelAt(0) + 48);
  turn.join(second);
  turn.hold(40, 0);
  expect([first.held(0), second.held(0)]).toEqual([100, 40]);
});

test.each([
  ['nothing waits', { waiting: undefined, current: 100, for: 50 }, false],
  ['work waits that has taken less time', { waiting: 10, current: 100, for: 50 }, true],
  ['the turn has just begun', { waiting: 10, current: 100, for: 0 }, false],
  ['the turn has taken less time itself', { waiting: 100, current: 10, for: 5 }, false],
])('whether a turn gives way if %s', (_, { waiting, current, for: lasting }, expected) => {
  const queue = new TurnQueue();
  const turnOf = (ms: number): Turn => {
    const turn = new Turn(new Holder());
    turn.hold(ms, performance.now());
    return turn;
  };
  if (waiting !== undefined) queue.add(() => undefined, turnOf(waiting), performance.now());
  takeTurn(turnOf(current));
  expect(queue.outranksCurrent(performance.now() + lasting)).toBe(expected);
  queue.resumeNext();
});

test('work whose turn is unknown resumes after new requests, and before long work', () => {
  const queue = new TurnQueue();
  const seen: string[] = [];
  const turnOf = (ms: number): Turn => {
    const turn = new Turn(new Holder());
    turn.hold(ms, 0);
    return turn;
  };
  queue.add(() => seen.push('long'), turnOf(100), 0);
  queue.add(() => seen.push('unknown'), undefined, 0);
  queue.add(() => seen.push('new'), turnOf(0), 0);
  for (let i = 0; i < 3; i++) queue.resumeNext();
  expect(seen).toEqual(['new', 'unknown', 'long']);
});

test('time held earlier counts for less', () => {
  const holder = new Holder();
  holder.hold(80, 0);
  expect(holder.held(20_000)).toBe(20);
  holder.hold(10, 20_000);
  expect(holder.held(30_000)).toBe(15);
});

test('a turn lasts until settled promises have been processed, and is restored after external waits', async () => {
  const turn = new Turn(new Holder());
  const macrotask = () => new Promise<void>((done) => setImmediate(done));
  takeTurn(turn);
  const seen = [currentTurn()];
  for (let i = 0; i < 3; i++) await Promise.resolve();
  seen.push(currentTurn());
  const kept = keepTurn(macrotask()).then(() => currentTurn());
  await macrotask();
  await macrotask();
  seen.push(currentTurn());
  expect([...seen, await kept]).toEqual([turn, turn, undefined, turn]);
});

test('a turn is charged for its own time only', async () => {
  const [light, heavy] = [new Holder(), new Holder()];
  const work = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end; );
  };
  const macrotask = () => new Promise<void>((done) => setImmediate(done));
  takeTurn(new Turn(heavy));
  work(30);
  await macrotask();
  // Accounted to no known party.
  work(30);
  await macrotask();
  takeTurn(new Turn(light));
  await macrotask();
  const now = performance.now();
  expect(heavy.held(now)).toBeGreaterThan(20);
  expect(light.held(now)).toBeLessThan(heavy.held(now) / 2);
});
