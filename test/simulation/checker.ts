/** What must hold of every run, whatever happened in it. */

import type { Item } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { unpackImages } from '../../shared/storage/dynamodb/images.ts';
import { decodeRevision, encodePart } from '../../shared/storage/dynamodb/layout.ts';
import type { Get, History, List, Operation, Outcome, Sighting, WatchRun, Write } from './history.ts';
import type { Thing } from './things.ts';

/** One revision as it was first written. */
interface Entry {
  readonly revision: number;
  readonly type: string;
  readonly key: string;
  readonly previous: number;
  readonly after: Sighting | undefined;
  readonly before: Sighting | undefined;
}

type State = ReadonlyMap<string, Sighting>;

/** Errors after which nobody may find the write. */
const REFUSALS = ['KeyExists', 'KeyNotFound', 'InvalidPreconditions'];

/** What is to be known of the table when the run is over. */
export interface CheckedTable {
  /** Every entry ever written to a log. */
  readonly entries: readonly Item[];
  /** The parts of entries, by partition and sort key in one. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** The items of a partition. */
  all(pk: string): readonly Item[];
}

export interface CheckOptions {
  readonly table: CheckedTable;
  readonly history: History;
  readonly resourcePrefix: string;
  /** Watches that must have delivered all by the end. */
  readonly running: ReadonlySet<WatchRun>;
}

/** Everything that is wrong with a run; nothing, if all is well. */
export function check(options: CheckOptions): string[] {
  return new Checker(options).check();
}

class Checker {
  readonly #options: CheckOptions;
  readonly #violations: string[] = [];
  readonly #entries: Entry[] = [];
  /** The state after each write, by its revision. */
  readonly #states = new Map<number, State>();
  readonly #byRevision = new Map<number, Entry>();

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  check(): string[] {
    this.#readLog();
    this.#chains();
    this.#objects();
    const { operations } = this.#options.history;
    for (const operation of operations) {
      const { action } = operation;
      if (action.kind === 'write') this.#write(operation as Operation<Write>);
      else if (action.kind === 'watch') this.#watch(operation as Operation<WatchRun>);
      else if (action.kind === 'list') this.#list(operation as Operation<List>);
      else this.#get(operation as Operation<Get>);
    }
    this.#clients();
    return this.#violations;
  }

  /** A revision is written once, and what is written stays. */
  #readLog(): void {
    const log = `${this.#options.resourcePrefix}#log`;
    for (const item of this.#options.table.entries) {
      if (item.pk !== log) continue;
      const entry = this.#decode(item);
      const first = this.#byRevision.get(entry.revision);
      if (first === undefined) {
        this.#byRevision.set(entry.revision, entry);
        if (isWrite(entry)) this.#entries.push(entry);
      } else if (isWrite(first) || isWrite(entry)) {
        // Filling twice what expired is of no harm, so long as nothing ever stood there or no watch crosses it.
        if (entry.type !== 'b')
          this.#fail(`revision ${entry.revision} was written twice: ${show(first)}, then ${show(entry)}`);
      }
    }
    this.#entries.sort((a, b) => a.revision - b.revision);
  }

  #decode(item: Item): Entry {
    const { y: type, k: key = '', p: previous = 0, d, m = 0 } = item as unknown as EntryItem;
    const revision = decodeRevision(item.sk);
    const parts = Array.from(
      { length: m },
      (_, part) => this.#options.table.parts.get(item.pk + encodePart(revision, part))!,
    );
    const stored = m > 0 ? Buffer.concat(parts) : d;
    const images = stored === undefined ? {} : unpackImages(stored);
    const sighting = (bytes: Uint8Array | undefined, at: number): Sighting | undefined =>
      bytes === undefined
        ? undefined
        : { key, revision: at, token: (JSON.parse(Buffer.from(bytes).toString()) as Thing).token };
    return {
      revision,
      type,
      key,
      previous,
      after: sighting(images.after, revision),
      before: sighting(images.before, previous),
    };
  }

  /** Each write of a key replaces what the write before it left. */
  #chains(): void {
    const states = new Map<string, Sighting>();
    for (const entry of this.#entries) {
      const current = states.get(entry.key);
      if ((current?.revision ?? 0) !== entry.previous) {
        this.#fail(
          `${show(entry)} replaces revision ${entry.previous}, but ${current?.revision ?? 'nothing'} stood there`,
        );
      }
      if (entry.before?.token !== current?.token) {
        this.#fail(
          `${show(entry)} says that ${entry.before?.token} stood before it, but ${current?.token} did`,
        );
      }
      if (entry.after === undefined) states.delete(entry.key);
      else states.set(entry.key, entry.after);
      this.#states.set(entry.revision, new Map(states));
    }
  }

  /** The objects are what the log makes of nothing. */
  #objects(): void {
    const last = this.#stateAt(Number.POSITIVE_INFINITY);
    const objects = this.#options.table
      .all(this.#options.resourcePrefix)
      .filter((item) => item['del'] !== true);
    const found = objects.map(({ sk, rv }) => `${sk}@${rv}`).sort();
    const expected = [...last.values()].map(({ key, revision }) => `${key}@${revision}`).sort();
    if (found.join() !== expected.join()) this.#fail(`the objects are ${found}, the log says ${expected}`);
  }

  /** What was acknowledged is there once; what was refused is not there; the rest is there once or not at all. */
  #write(operation: Operation<Write>): void {
    const { verb, key, token } = operation.action;
    const { outcome } = operation;
    const written = verb === 'delete' ? [] : this.#entries.filter((entry) => entry.after?.token === token);
    if (written.length > 1) this.#fail(`${describe(operation)} was written ${written.length} times`);
    if (outcome?.type === 'object') {
      const { revision } = outcome.sighting;
      const entry = this.#byRevision.get(revision);
      // An update that changes nothing writes nothing; here every update changes something.
      const there =
        entry?.key === key &&
        entry.type === (verb === 'delete' ? 'd' : 'p') &&
        entry.after?.token === (verb === 'delete' ? undefined : token);
      if (!there)
        this.#fail(
          `${describe(operation)} was acknowledged at ${revision}, where ${entry ? show(entry) : 'nothing'} stands`,
        );
    }
    if (outcome?.type === 'error' && REFUSALS.includes(outcome.code) && written.length > 0) {
      this.#fail(`${describe(operation)} was refused and written: ${show(written[0]!)}`);
    }
    this.#unexpected(operation, REFUSALS);
    for (const sighting of operation.action.seen) this.#real(sighting, operation);
  }

  /** A watch is the log from where it started, without a gap, in order, each change once. */
  #watch(operation: Operation<WatchRun>): void {
    const { from, events, prefix, initial } = operation.action;
    this.#unexpected(operation, ['Expired', 'TooLargeResourceVersion']);
    if (from === undefined) return;
    if (initial !== undefined) this.#sameState(operation, from, initial);
    const expected = this.#entries.filter((entry) => entry.revision > from && entry.key.startsWith(prefix));
    let next = 0;
    let last = from;
    for (const event of events) {
      if (event.type === 'BOOKMARK') {
        const missed = expected[next];
        if (missed !== undefined && missed.revision <= event.revision) {
          this.#fail(`${describe(operation)} has a bookmark at ${event.revision} before ${show(missed)}`);
          return;
        }
        if (event.revision < last) this.#fail(`${describe(operation)} went back to ${event.revision}`);
        last = event.revision;
        continue;
      }
      const entry = expected[next++];
      if (entry === undefined || !this.#tells(event, entry)) {
        this.#fail(
          `${describe(operation)} got ${JSON.stringify(event)} in place of ${entry ? show(entry) : 'nothing'}`,
        );
        return;
      }
      last = entry.revision;
    }
    if (this.#options.running.has(operation.action) && next < expected.length) {
      this.#fail(`${describe(operation)} never got ${show(expected[next]!)}`);
    }
  }

  #tells({ type, sighting }: { type: string; sighting: Sighting }, entry: Entry): boolean {
    const expected = entry.after === undefined ? 'DELETED' : entry.previous === 0 ? 'ADDED' : 'MODIFIED';
    const token = entry.after?.token ?? entry.before?.token;
    return (
      type === expected &&
      sighting.key === entry.key &&
      sighting.revision === entry.revision &&
      sighting.token === token
    );
  }

  /** A list is the state at its revision; a consistent one is no older than what was acknowledged before it. */
  #list(operation: Operation<List>): void {
    const { outcome, action } = operation;
    if (outcome?.type !== 'list') {
      this.#unexpected(operation, ['Expired', 'TooLargeResourceVersion']);
      return;
    }
    this.#sameState(operation, outcome.revision, outcome.items);
    if (action.exact && outcome.revision !== Number(action.resourceVersion)) {
      this.#fail(`${describe(operation)} is at ${outcome.revision}`);
    }
    if (action.resourceVersion === '') {
      const known = this.#acknowledged(operation.invokedAt);
      if (outcome.revision < known)
        this.#fail(`${describe(operation)} at ${outcome.revision} misses ${known}, acknowledged before it`);
    } else if (outcome.revision < Number(action.resourceVersion)) {
      this.#fail(`${describe(operation)} is older than asked: ${outcome.revision}`);
    }
  }

  #sameState(operation: Operation<List | WatchRun>, revision: number, items: readonly Sighting[]): void {
    const state = [...this.#stateAt(revision).values()].filter(({ key }) =>
      key.startsWith(operation.action.prefix),
    );
    const expected = state.map(spell).sort().join();
    const found = items.map(spell).sort().join();
    if (found !== expected)
      this.#fail(`${describe(operation)} at ${revision} is [${found}], the log says [${expected}]`);
    const keys = items.map(({ key }) => key);
    if (keys.join() !== [...keys].sort().join())
      this.#fail(`${describe(operation)} is out of order: ${keys}`);
  }

  /** A get is a state the key had, no older than what was acknowledged of it before, nor than what was asked. */
  #get(operation: Operation<Get>): void {
    const { outcome, action } = operation;
    const asked =
      action.resourceVersion === ''
        ? this.#acknowledged(operation.invokedAt, action.key)
        : Number(action.resourceVersion);
    if (outcome?.type === 'object') {
      this.#real(outcome.sighting, operation);
      const next = this.#entries.find(
        (entry) => entry.key === action.key && entry.revision > outcome.sighting.revision,
      );
      if (next !== undefined && next.revision <= asked) {
        this.#fail(
          `${describe(operation)} is ${spell(outcome.sighting)}, though ${show(next)} is no newer than ${asked}`,
        );
      }
    } else if (outcome?.type === 'error' && outcome.code === 'KeyNotFound') {
      // Absent at some revision from `asked` on.
      const later = this.#entries.filter((entry) => entry.key === action.key && entry.revision > asked);
      const absent =
        !this.#stateAt(asked).has(action.key) || later.some((entry) => entry.after === undefined);
      if (!absent)
        this.#fail(`${describe(operation)} found nothing, though the key was never absent from ${asked} on`);
    } else this.#unexpected(operation, ['TooLargeResourceVersion']);
  }

  /** For one client in one process, what it sees never goes back. */
  #clients(): void {
    const newest = new Map<string, { at: number; by: Operation }>();
    for (const operation of [...this.#options.history.operations].sort(
      (a, b) => (a.respondedAt ?? 0) - (b.respondedAt ?? 0),
    )) {
      const { client, process, action, outcome, respondedAt } = operation;
      if (respondedAt === undefined) continue;
      const who = `${client}/${process}`;
      const before = newest.get(who);
      if (action.kind === 'list' && action.resourceVersion === '' && outcome?.type === 'list') {
        if (
          before !== undefined &&
          before.by.respondedAt! <= operation.invokedAt &&
          outcome.revision < before.at
        ) {
          this.#fail(
            `${describe(operation)} is at ${outcome.revision}, after ${describe(before.by)} was at ${before.at}`,
          );
        }
      }
      const seen =
        outcome?.type === 'list'
          ? outcome.revision
          : outcome?.type === 'object'
            ? outcome.sighting.revision
            : 0;
      if (seen > (before?.at ?? 0)) newest.set(who, { at: seen, by: operation });
    }
  }

  /** The newest revision that anyone had been told of when `at` came. */
  #acknowledged(at: number, key?: string): number {
    let newest = 0;
    for (const { action, outcome, respondedAt } of this.#options.history.operations) {
      if (action.kind !== 'write' || outcome?.type !== 'object' || respondedAt! >= at) continue;
      if (key === undefined || key === action.key) newest = Math.max(newest, outcome.sighting.revision);
    }
    return newest;
  }

  #real(sighting: Sighting, operation: Operation): void {
    const entry = this.#byRevision.get(sighting.revision);
    if (entry?.after?.token !== sighting.token || entry.key !== sighting.key) {
      this.#fail(`${describe(operation)} saw ${spell(sighting)}, which never was`);
    }
  }

  #unexpected(operation: Operation, also: readonly string[]): void {
    const { outcome } = operation;
    if (outcome === undefined || outcome.type !== 'error') return;
    const expected = ['Throttled', 'Timeout', 'Unreachable', ...also];
    if (!expected.includes(outcome.code))
      this.#fail(`${describe(operation)}: ${outcome.code} ${outcome.message}`);
  }

  #stateAt(revision: number): State {
    const last = this.#entries.findLast((entry) => entry.revision <= revision);
    return last === undefined ? new Map() : this.#states.get(last.revision)!;
  }

  #fail(violation: string): void {
    this.#violations.push(violation);
  }
}

interface EntryItem {
  readonly y: string;
  readonly k?: string;
  readonly p?: number;
  readonly d?: Uint8Array;
  readonly m?: number;
}

const isWrite = ({ type }: Entry) => type === 'p' || type === 'd';
const spell = ({ key, revision, token }: Sighting) => `${key}@${revision}:${token}`;
const show = ({ revision, type, key, after }: Entry) => `#${revision} ${type} ${key} ${after?.token ?? ''}`;

function describe({ client, process, action, invokedAt, outcome }: Operation): string {
  const { kind, ...rest } = action;
  const told =
    'events' in rest
      ? { prefix: rest.prefix, from: rest.from }
      : 'seen' in rest
        ? { verb: rest.verb, key: rest.key, token: rest.token }
        : rest;
  return `${client} on ${process} at ${Math.round(invokedAt) % 1e8}: ${kind} ${JSON.stringify(told)}${tell(outcome)}`;
}

function tell(outcome: Outcome | undefined): string {
  return outcome?.type === 'error' ? ` (${outcome.code})` : outcome === undefined ? ' (unanswered)' : '';
}
