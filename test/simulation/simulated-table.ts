/**
 * DynamoDB as the log uses it, with the worst behaviour that its documentation allows: items of a transaction become
 * visible one at a time, a page's items are read at different moments, eventually consistent reads are stale per item,
 * and TTL deletes at any time.
 */

import {
  type Allocation,
  type CancellationReason,
  type Claim,
  type Condition,
  FIRST_REVISION,
  type Item,
  type ItemKey,
  type Page,
  type Query,
  TableError,
  type TransactedWrite,
  type Write,
} from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { decodePart } from '../../shared/storage/dynamodb/layout.ts';
import type { World } from './world.ts';

/** Rules to disable, to check that the tests detect it. */
export interface BrokenRules {
  /** The condition for filling a hole and writing an entry: that none exists. */
  readonly entryCondition?: boolean;
  /** The condition that a create must be newer than the tombstone it replaces. */
  readonly tombstoneRule?: boolean;
  /** That a conflicting entry identifies its writer. */
  readonly writerMark?: boolean;
  /** The condition for moving heads together: that there are none. */
  readonly headCondition?: boolean;
}

interface Version {
  /** Time from which consistent reads return it. */
  readonly visibleAt: number;
  readonly item: Item | undefined;
}

interface Partition {
  /** In the order of their UTF-8 bytes. */
  readonly keys: string[];
  readonly versions: Map<string, Version[]>;
}

/** A claim as the equivalent write. */
interface Claimed {
  readonly put: Item;
  readonly condition: { readonly kind: 'next'; readonly next: number };
}

/** Maximum staleness of an eventually consistent read. */
const EVENTUAL_MS = 1_000;

export class SimulatedTable {
  readonly #world: World;
  readonly #broken: BrokenRules;
  readonly #partitions = new Map<string, Partition>();
  /** Every entry ever written to any log, in the order of writing, including those removed by TTL. */
  readonly entries: { readonly item: Item; readonly writtenAt: number }[] = [];
  /** Every object written without an entry, as the first ones of its resource. */
  readonly planted: { readonly item: Item; readonly writtenAt: number }[] = [];
  readonly isTimed = true;
  /** Transactions whose conditions were said to be proven: those for which that was true, and the false ones. */
  readonly proofs = { right: 0, wrong: [] as string[] };
  /** The parts of entries, by sort key. */
  readonly parts = new Map<string, Uint8Array>();

  constructor(world: World, broken: BrokenRules = {}) {
    this.#world = world;
    this.#broken = broken;
  }

  read({ pk, sk }: ItemKey, { consistent, since }: { consistent: boolean; since: number }): Item | undefined {
    const versions = this.#partitions.get(pk)?.versions.get(sk);
    return versions === undefined ? undefined : this.#visible(versions, consistent, since);
  }

  query(
    { pk, from, to, startAfter, consistent, descending }: Query,
    { limit, since }: { limit: number; since: number },
  ): Page {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return { items: [] };
    let keys = partition.keys.filter((key) => compare(key, from) >= 0 && compare(key, to) <= 0);
    if (descending) keys = keys.reverse();
    if (startAfter !== undefined) {
      keys = keys.filter((key) => (descending ? compare(key, startAfter) < 0 : compare(key, startAfter) > 0));
    }
    const items: Item[] = [];
    for (const key of keys) {
      if (items.length === limit) return { items, lastKey: items.at(-1)!.sk };
      const item = this.#visible(partition.versions.get(key)!, consistent, since);
      if (item !== undefined) items.push(item);
    }
    return { items };
  }

  /** Throws the same errors as the real table; `lag` returns the delay until each write becomes visible. */
  transact(transacted: readonly TransactedWrite[], lag: () => number): number {
    const writes = transacted.map((write) => ('claim' in write ? this.#claim(write.claim) : write));
    const keys = new Set(writes.map((write) => JSON.stringify(Object.values(keyOf(write)))));
    if (writes.length > 100 || keys.size < writes.length)
      throw new TableError('Refused', 'not a transaction');
    const reasons = writes.map((write) => this.#obstacle(write));
    if (reasons.some(({ kind }) => kind !== 'None')) {
      throw new TableError('Canceled', 'cancelled', { reasons: this.#told(reasons) });
    }
    if (transacted.some((write) => 'claim' in write && write.claim.isUnlogged)) {
      const items = transacted.flatMap((write) => ('put' in write ? write.put : []));
      this.planted.push(...items.map((item) => ({ item, writtenAt: this.#world.now })));
    }
    return Math.max(...writes.map((write) => this.#write(write, lag())));
  }

  /** Records whether the claim's condition implies all others. */
  checkProof(transacted: readonly TransactedWrite[]): void {
    const isBroken = ({ condition, ...write }: Write | Claimed) =>
      !this.#holds(condition, this.#latest(keyOf(write as Write)), keyOf(write as Write));
    const claims = transacted.flatMap((write) => ('claim' in write ? this.#claim(write.claim) : []));
    if (claims.length !== 1 || claims.some(isBroken)) return;
    const broken = transacted.filter((write) => !('claim' in write) && isBroken(write));
    if (broken.length > 0) this.proofs.wrong.push(`not proven: ${JSON.stringify(broken)}`);
    else this.proofs.right++;
  }

  /** The head as it would be written. */
  #claim({ pk, sk, from, count, at, format, quiet, isUnlogged = false }: Claim): Claimed {
    const head = this.#latest({ pk, sk });
    const put = { ...head, pk, sk, next: from + count, from, at, format };
    return {
      put: quiet ? { ...put, resolved: isUnlogged ? from + count : from, resolvedAt: at } : put,
      condition: { kind: 'next', next: from },
    };
  }

  write(write: Write): void {
    const { kind, item } = this.#obstacle(write);
    if (kind === 'Conflict') throw new TableError('Conflict', 'conflict');
    if (kind === 'ConditionFailed') throw new TableError('ConditionFailed', 'condition failed', { item });
    this.#write(write, 0);
  }

  /** Replaces the item under `key` by the result of `change`. */
  update(key: ItemKey, change: (item: Item | undefined) => Item | undefined): Item {
    const current = this.#latest(key);
    const next = change(current);
    if (next === undefined) throw new TableError('ConditionFailed', 'condition failed', { item: current });
    this.#write({ put: next }, 0);
    return next;
  }

  /** The actual items, visible or not. */
  all(pk: string): Item[] {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return [];
    return partition.keys.flatMap((key) => partition.versions.get(key)!.at(-1)!.item ?? []);
  }

  /** Deletes some of the expired items. */
  expire(probability: number): void {
    const now = this.#world.now / 1_000;
    for (const [pk, { keys, versions }] of this.#partitions) {
      for (const sk of keys) {
        const ttl = versions.get(sk)!.at(-1)!.item?.['ttl'] as number | undefined;
        if (ttl !== undefined && ttl < now && this.#world.random.chance(probability)) {
          this.#write({ delete: { pk, sk } }, 0);
        }
      }
    }
  }

  #visible(versions: readonly Version[], consistent: boolean, since: number): Item | undefined {
    const { now, random } = this.#world;
    // A consistent read reflects some moment since the request.
    const moment = consistent ? random.between(since, now) : now - random.between(0, EVENTUAL_MS);
    return versions.findLast(({ visibleAt }) => visibleAt <= moment)?.item;
  }

  #latest({ pk, sk }: ItemKey): Item | undefined {
    return this.#partitions.get(pk)?.versions.get(sk)?.at(-1)?.item;
  }

  #obstacle(write: Write | Claimed): CancellationReason {
    const key = keyOf(write);
    const version = this.#partitions.get(key.pk)?.versions.get(key.sk)?.at(-1);
    // A transaction still locks it.
    if (version !== undefined && version.visibleAt > this.#world.now) return { kind: 'Conflict' };
    const item = version?.item;
    if (this.#holds(write.condition, item, key)) return { kind: 'None' };
    return {
      kind: 'ConditionFailed',
      item: this.#broken.writerMark && item !== undefined ? { ...item, w: '?' } : item,
    };
  }

  #holds(
    condition: Condition | Claimed['condition'] | undefined,
    item: Item | undefined,
    { pk }: ItemKey,
  ): boolean {
    if (condition === undefined) return true;
    const { rv, del } = (item ?? {}) as { rv?: number; del?: boolean };
    switch (condition.kind) {
      case 'absent':
        return (
          item === undefined ||
          (this.#broken.entryCondition === true && pk.endsWith('#log')) ||
          (this.#broken.headCondition === true && pk.endsWith('#head'))
        );
      case 'next':
        return item === undefined || item['next'] === condition.next;
      case 'revision':
        return rv === condition.rv;
      case 'absentOrDeadBefore':
        return (
          item === undefined || (del === true && (this.#broken.tombstoneRule === true || rv! < condition.rv))
        );
      case 'tombstone':
        return del === true && rv === condition.rv;
    }
  }

  /** Of several cancellation reasons, DynamoDB guarantees to report only one. */
  #told(reasons: readonly CancellationReason[]): CancellationReason[] {
    if (this.#world.random.chance(0.7)) return [...reasons];
    const told = this.#world.random.pick(
      reasons.flatMap(({ kind }, index) => (kind === 'None' ? [] : [index])),
    );
    return reasons.map((reason, index) => (index === told ? reason : { kind: 'None' }));
  }

  #write(write: Write | Claimed, lag: number): number {
    const { pk, sk } = keyOf(write);
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = { keys: [], versions: new Map() };
      this.#partitions.set(pk, partition);
    }
    let versions = partition.versions.get(sk);
    if (versions === undefined) {
      versions = [];
      partition.versions.set(sk, versions);
      const at = partition.keys.findIndex((key) => compare(key, sk) > 0);
      partition.keys.splice(at === -1 ? partition.keys.length : at, 0, sk);
    }
    const visibleAt = this.#world.now + lag;
    versions.push({ visibleAt, item: 'put' in write ? write.put : undefined });
    if ('put' in write && pk.endsWith('#log')) {
      if (decodePart(sk) === undefined) this.entries.push({ item: write.put, writtenAt: this.#world.now });
      else this.parts.set(pk + sk, write.put['d'] as Uint8Array);
    }
    return visibleAt;
  }
}

/** The head after an allocation; undefined if its condition is not met. */
export function allocateOn(
  item: Item | undefined,
  { pk, sk, count, at, format, grace, last }: Allocation,
): Item | undefined {
  const head = (item ?? {}) as { next?: number; at?: number; format?: number };
  const quiet = 'before' in last;
  const holds = quiet
    ? item === undefined || head.at! < last.before
    : item !== undefined && head.at! >= last.since;
  if (!holds || (head.format ?? 1) > format) return undefined;
  const former = head.next ?? FIRST_REVISION;
  return {
    ...item,
    pk,
    sk,
    next: former + count,
    from: former,
    at,
    format,
    ...(grace === undefined ? {} : { grace, graceTo: former + count }),
    ...(quiet ? { resolved: former, resolvedAt: at } : {}),
  };
}

function keyOf(write: Write | Claimed): ItemKey {
  const { pk, sk } = 'put' in write ? write.put : write.delete;
  return { pk, sk };
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
