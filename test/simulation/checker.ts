/** The invariants of every run. */

import type { Item } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { unpack, unpackImages } from '../../shared/storage/dynamodb/images.ts';
import { decodeRevision, encodePart } from '../../shared/storage/dynamodb/layout.ts';
import type { Find, Get, History, List, Operation, Outcome, Sighting, WatchRun, Write } from './history.ts';
import { type Thing, termOf } from './things.ts';

/** A revision as it was first written. */
interface Entry {
  readonly revision: number;
  readonly type: string;
  readonly key: string;
  readonly previous: number;
  /** True time. */
  readonly writtenAt: number;
  readonly after: Stored | undefined;
  readonly before: Sighting | undefined;
}

interface Stored extends Sighting {
  /** Undefined if it does not expire. */
  readonly expiresAt: number | undefined;
}

type State = ReadonlyMap<string, Stored>;

/** A span of true time. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** Errors after which the write must not exist. */
const REFUSALS = ['KeyExists', 'KeyNotFound', 'InvalidPreconditions'];

/** The contents of the table at the end of a run. */
export interface CheckedTable {
  /** Every entry ever written to a log, with the time of the write; without `isTimed`, a later time. */
  readonly entries: readonly { readonly item: Item; readonly writtenAt: number }[];
  /** Every object written without an entry, as the first ones of its resource. */
  readonly planted?: CheckedTable['entries'];
  readonly isTimed: boolean;
  /** The parts of entries, by the concatenated partition and sort key. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** The items of a partition. */
  all(pk: string): readonly Item[];
}

export interface CheckOptions {
  readonly table: CheckedTable;
  readonly history: History;
  /** Whether the history contains the operations of all writers. */
  readonly complete: boolean;
  readonly resourcePrefix: string;
  /** Watches that must have delivered everything by the end. */
  readonly running: ReadonlySet<WatchRun>;
  /** Milliseconds by which each process's clock is ahead. */
  readonly skews: ReadonlyMap<string, number>;
}

/** All violations found in a run; empty if there are none. */
export function check(options: CheckOptions): string[] {
  return new Checker(options).check();
}

class Checker {
  readonly #options: CheckOptions;
  readonly #violations: string[] = [];
  readonly #entries: Entry[] = [];
  /** The state after each write, by revision. */
  readonly #states = new Map<number, State>();
  readonly #byRevision = new Map<number, Entry>();

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  check(): string[] {
    this.#readPlanted();
    this.#readLog();
    this.#chains();
    this.#objects();
    const { operations } = this.#options.history;
    for (const operation of operations) {
      const { action } = operation;
      if (action.kind === 'write') this.#write(operation as Operation<Write>);
      else if (action.kind === 'watch') this.#watch(operation as Operation<WatchRun>);
      else if (action.kind === 'list') this.#list(operation as Operation<List>);
      else if (action.kind === 'find') this.#find(operation as Operation<Find>);
      else if (action.kind === 'upkeep') this.#unexpected(operation, []);
      else this.#get(operation as Operation<Get>);
    }
    this.#clients();
    return this.#violations;
  }

  /** Objects written without entries count as if each had one. */
  #readPlanted(): void {
    for (const { item, writtenAt } of this.#options.table.planted ?? []) {
      const { pk, sk: key, rv: revision, d } = item as unknown as PlantedItem;
      if (pk !== this.#options.resourcePrefix) continue;
      const { token } = JSON.parse(Buffer.from(unpack(d)).toString()) as Thing;
      const after = { key, revision, token, expiresAt: undefined };
      const entry: Entry = { revision, type: 'p', key, previous: 0, writtenAt, after, before: undefined };
      const other = this.#byRevision.get(revision);
      if (other !== undefined) this.#fail(`${show(entry)} was planted beside ${show(other)}`);
      this.#byRevision.set(revision, entry);
      this.#entries.push(entry);
    }
  }

  /** Each revision is written once and never changes. */
  #readLog(): void {
    const log = `${this.#options.resourcePrefix}#log`;
    for (const { item, writtenAt } of this.#options.table.entries) {
      if (item.pk !== log) continue;
      const entry = this.#decode(item, writtenAt);
      const first = this.#byRevision.get(entry.revision);
      if (first === undefined) {
        this.#byRevision.set(entry.revision, entry);
        if (isWrite(entry)) this.#entries.push(entry);
      } else if (isWrite(first) || isWrite(entry)) {
        // Filling a hole again after it expired is harmless if it never held an entry or no watch crosses it.
        if (entry.type !== 'b')
          this.#fail(`revision ${entry.revision} was written twice: ${show(first)}, then ${show(entry)}`);
      }
    }
    this.#entries.sort((a, b) => a.revision - b.revision);
  }

  #decode(item: Item, writtenAt: number): Entry {
    const { y: type, k: key = '', p: previous = 0, d, m = 0, exp: expiresAt } = item as unknown as EntryItem;
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
    const after = sighting(images.after, revision);
    return {
      revision,
      type,
      key,
      previous,
      writtenAt,
      after: after && { ...after, expiresAt },
      before: sighting(images.before, previous),
    };
  }

  /** Each write of a key replaces the result of the previous one. */
  #chains(): void {
    const states = new Map<string, Stored>();
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
      if (this.#options.complete && entry.after === undefined && !this.#mayBeDeleted(current, entry))
        this.#fail(`${show(entry)}: nobody asked for it, and ${current && spell(current)} had not expired`);
      if (entry.after === undefined) states.delete(entry.key);
      else states.set(entry.key, entry.after);
      this.#states.set(entry.revision, new Map(states));
    }
  }

  /**
   * Allowed for a client that requested it and was not refused; for any process once the object has expired by some
   * process's clock.
   */
  #mayBeDeleted(current: Stored | undefined, { key, revision, writtenAt }: Entry): boolean {
    const fastest = Math.max(...this.#options.skews.values());
    if (current?.expiresAt !== undefined && current.expiresAt <= writtenAt + fastest) return true;
    return this.#options.history.operations.some(({ action, outcome, invokedAt }) => {
      if (action.kind !== 'write' || action.verb !== 'delete' || action.key !== key) return false;
      if (outcome?.type === 'object') return outcome.sighting.revision === revision;
      return invokedAt <= writtenAt && (outcome?.type !== 'error' || !REFUSALS.includes(outcome.code));
    });
  }

  /** The objects equal the replayed log. */
  #objects(): void {
    const last = this.#stateAt(Number.POSITIVE_INFINITY);
    const objects = this.#options.table
      .all(this.#options.resourcePrefix)
      .filter((item) => item['del'] !== true);
    const found = objects.map(({ sk, rv, exp }) => `${sk}@${rv}-${exp}`).sort();
    const expected = [...last.values()]
      .map(({ key, revision, expiresAt }) => `${key}@${revision}-${expiresAt}`)
      .sort();
    if (found.join() !== expected.join()) this.#fail(`the objects are ${found}, the log says ${expected}`);
  }

  /** An acknowledged write exists once, a refused one does not exist; any other exists once or not at all. */
  #write(operation: Operation<Write>): void {
    const { verb, key, token } = operation.action;
    const { outcome } = operation;
    const written = verb === 'delete' ? [] : this.#entries.filter((entry) => entry.after?.token === token);
    if (written.length > 1) this.#fail(`${describe(operation)} was written ${written.length} times`);
    if (written[0] !== undefined) this.#expiry(operation, written[0]);
    if (outcome?.type === 'object') {
      const { revision } = outcome.sighting;
      const entry = this.#byRevision.get(revision);
      // In this workload every update changes the object, so each one writes.
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

  /** An object has the requested lifetime, or else that of the object it replaces. */
  #expiry(operation: Operation<Write>, { previous, after }: Entry): void {
    const { ttlSeconds } = operation.action;
    const { expiresAt } = after!;
    const { from, until } = this.#local(operation);
    const asAsked =
      ttlSeconds === undefined
        ? expiresAt === this.#byRevision.get(previous)?.after?.expiresAt
        : expiresAt !== undefined &&
          expiresAt >= from + ttlSeconds * 1_000 &&
          expiresAt <= until + ttlSeconds * 1_000;
    if (!asAsked) this.#fail(`${describe(operation)} expires at ${expiresAt}`);
  }

  /** A watch delivers the log from its start, without gaps, in order, and each change once. */
  #watch(operation: Operation<WatchRun>): void {
    const { from, events, prefix, initial } = operation.action;
    this.#unexpected(operation, ['Expired', 'TooLargeResourceVersion']);
    if (from === undefined) return;
    if (initial !== undefined) {
      const { invokedAt, process } = operation;
      const span = this.#local({ invokedAt, process, respondedAt: operation.action.initialUntil });
      this.#sameState(operation, { revision: from, items: initial, span });
    }
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

  /** A list is the state at its revision; a consistent one is no older than the writes acknowledged before it. */
  #list(operation: Operation<List>): void {
    const { outcome, action } = operation;
    if (outcome?.type !== 'list') {
      const bound = action.paged || Number(action.resourceVersion) > 0;
      this.#unexpected(operation, bound ? ['Expired', 'TooLargeResourceVersion'] : []);
      return;
    }
    const { revision, items } = outcome;
    const asItWas = action.exact || action.paged;
    this.#sameState(operation, { revision, items, span: this.#local(operation), asItWas });
    if (action.exact && outcome.revision !== Number(action.resourceVersion)) {
      this.#fail(`${describe(operation)} is at ${outcome.revision}`);
    }
    if (action.resourceVersion === '') {
      const known = this.#acknowledged(operation.invokedAt);
      if (outcome.revision < known)
        this.#fail(`${describe(operation)} at ${outcome.revision} misses ${known}, acknowledged before it`);
    } else if (action.maxStalenessMs !== undefined) {
      const known = this.#acknowledged(operation.invokedAt - action.maxStalenessMs - EVENTUAL_MS);
      if (outcome.revision < known)
        this.#fail(`${describe(operation)} at ${outcome.revision} is older than asked: it misses ${known}`);
    } else if (outcome.revision < Number(action.resourceVersion)) {
      this.#fail(`${describe(operation)} is older than asked: ${outcome.revision}`);
    }
  }

  /** `span`: when it was read, by the reader's clock. `asItWas`: objects that have expired since may be included. */
  #sameState(
    operation: Operation<List | WatchRun>,
    {
      revision,
      items,
      span,
      asItWas = false,
    }: { revision: number; items: readonly Sighting[]; span: Span; asItWas?: boolean },
  ): void {
    const listed = new Set(items.map(spell));
    const state = [...this.#stateAt(revision).values()].filter((item) => {
      const { key, expiresAt = Number.POSITIVE_INFINITY } = item;
      if (!key.startsWith(operation.action.prefix)) return false;
      return expiresAt > span.until || ((asItWas || expiresAt > span.from) && listed.has(spell(item)));
    });
    const expected = state.map(spell).sort().join();
    const found = [...listed].sort().join();
    if (found !== expected)
      this.#fail(`${describe(operation)} at ${revision} is [${found}], the log says [${expected}]`);
    const keys = items.map(({ key }) => key);
    if (keys.join() !== [...keys].sort().join())
      this.#fail(`${describe(operation)} is out of order: ${keys}`);
  }

  /**
   * A get returns a state of the key, no older than the writes acknowledged before it, nor than the requested revision.
   */
  #get(operation: Operation<Get>): void {
    const { outcome, action } = operation;
    const asked =
      action.resourceVersion === ''
        ? this.#acknowledged(operation.invokedAt - agesOf(action), action.key)
        : Number(action.resourceVersion);
    const span = this.#local(operation);
    if (outcome?.type === 'object') {
      this.#real(outcome.sighting, operation);
      const { expiresAt } = this.#byRevision.get(outcome.sighting.revision)?.after ?? {};
      if (expiresAt !== undefined && expiresAt <= span.from)
        this.#fail(`${describe(operation)} is ${spell(outcome.sighting)}, which had expired`);
      const next = this.#entries.find(
        (entry) => entry.key === action.key && entry.revision > outcome.sighting.revision,
      );
      if (next !== undefined && next.revision <= asked) {
        this.#fail(
          `${describe(operation)} is ${spell(outcome.sighting)}, though ${show(next)} is no newer than ${asked}`,
        );
      }
    } else if (outcome?.type === 'error' && outcome.code === 'KeyNotFound') {
      // The key is absent at some revision from `asked` on, or expired.
      const later = this.#entries.filter((entry) => entry.key === action.key && entry.revision > asked);
      const states = [this.#stateAt(asked).get(action.key), ...later.map(({ after }) => after)];
      const absent = states.some(
        (state) => state === undefined || (state.expiresAt ?? Number.POSITIVE_INFINITY) <= span.until,
      );
      if (!absent)
        this.#fail(`${describe(operation)} found nothing, though the key was never absent from ${asked} on`);
    } else this.#unexpected(operation, ['TooLargeResourceVersion']);
  }

  /** Found objects have the term, and no object is missing that had it throughout. */
  #find(operation: Operation<Find>): void {
    const { action, outcome, invokedAt, respondedAt = Number.POSITIVE_INFINITY } = operation;
    this.#unexpected(operation, []);
    if (outcome?.type !== 'list') return;
    const found = new Map(outcome.items.map((item) => [item.key, item]));
    if (found.size < outcome.items.length) this.#fail(`${describe(operation)} found an object twice`);
    for (const sighting of outcome.items) {
      this.#real(sighting, operation);
      if (action.term !== undefined && termOf(sighting.token) !== action.term)
        this.#fail(`${describe(operation)} found ${spell(sighting)}, which has another`);
    }
    const { until } = this.#local(operation);
    const { isTimed } = this.#options.table;
    for (const key of new Set(this.#entries.map((entry) => entry.key))) {
      if (action.prefix !== undefined && !key.startsWith(action.prefix)) continue;
      const known = this.#acknowledged(invokedAt - (action.maxStalenessMs ?? 0), key);
      const changed = this.#entries.some(
        (entry) =>
          entry.key === key && entry.revision > known && (!isTimed || entry.writtenAt <= respondedAt),
      );
      const state = this.#stateAt(known).get(key);
      if (changed) continue;
      if (state === undefined && found.has(key))
        this.#fail(`${describe(operation)} found ${spell(found.get(key)!)}, which is gone`);
      if (state === undefined || (state.expiresAt ?? Number.POSITIVE_INFINITY) <= until) continue;
      const isMeant = action.term === undefined || termOf(state.token) === action.term;
      if (isMeant && found.get(key)?.revision !== state.revision)
        this.#fail(`${describe(operation)} missed ${spell(state)}`);
    }
  }

  /** Within a process, a client's observations never go back in time. */
  #clients(): void {
    const newest = new Map<string, { at: number; by: Operation }>();
    for (const operation of [...this.#options.history.operations].sort(
      (a, b) => (a.respondedAt ?? 0) - (b.respondedAt ?? 0),
    )) {
      const { client, process, action, outcome, respondedAt } = operation;
      if (respondedAt === undefined) continue;
      const who = `${client}/${process}`;
      const before = newest.get(who);
      if (
        action.kind === 'list' &&
        action.resourceVersion === '' &&
        !action.shared &&
        outcome?.type === 'list'
      ) {
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

  /**
   * The span in which an operation may have read or written, by its process's clock, which has millisecond precision.
   */
  #local({
    process,
    invokedAt,
    respondedAt = Number.POSITIVE_INFINITY,
  }: Pick<Operation, 'process' | 'invokedAt' | 'respondedAt'>): Span {
    const skew = this.#options.skews.get(process)!;
    return { from: Math.floor(invokedAt + skew), until: Math.ceil(respondedAt + skew) };
  }

  /** The newest revision acknowledged to any client before `at`. */
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

interface PlantedItem {
  readonly pk: string;
  readonly sk: string;
  readonly rv: number;
  readonly d: Uint8Array;
}

interface EntryItem {
  readonly exp?: number;
  readonly y: string;
  readonly k?: string;
  readonly p?: number;
  readonly d?: Uint8Array;
  readonly m?: number;
}

/** Maximum age of eventually consistent reads, which callers that wait for changes use. */
const EVENTUAL_MS = 1_000;

const agesOf = ({ maxStalenessMs, readWithinMs }: Get): number =>
  maxStalenessMs === undefined ? readWithinMs : maxStalenessMs + EVENTUAL_MS;

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
