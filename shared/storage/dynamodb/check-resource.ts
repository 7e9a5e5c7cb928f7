/**
 * Consistency check of one resource's items: objects, log, parts and head. Reads each item once, and keeps only keys
 * and digests of objects in memory.
 */

import { createHash } from 'node:crypto';
import { FIRST_REVISION, type Item } from './dynamodb-table.ts';
import type { Finding, FoundRow, Repair } from './finding.ts';
import { logEntryFault, objectItemFault } from './item-faults.ts';
import {
  decodePart,
  decodeRevision,
  FIRST_KEY,
  LAST_KEY,
  logOf,
  objectsOf,
  partsOf,
  type ResourceContext,
} from './layout.ts';
import { LostEntries } from './lost-entries.ts';
import { type ObjectItem, ObjectRows } from './object-rows.ts';
import { queryItems } from './query-items.ts';
import { type Change, RevisionLog } from './revision-log.ts';
import { isEncrypted, joinParts } from './sealed.ts';

export interface ResourceCheck {
  readonly objects: number;
  readonly entries: number;
  readonly findings: readonly Readonly<Finding>[];
}

/** The log's newest change of a key. */
interface LastChange {
  readonly revision: number;
  /** Digest of the object; undefined: deleted. */
  readonly digest: string | undefined;
  readonly isReadable: boolean;
}

/** `revision#part`. */
const PART = /^\d{16}#\d+$/;

const NO_ROW: FoundRow = { revision: 0, isTombstone: false, parts: 0 };

/** No server may write to the resource during the check. Rejects with StorageError if the table can't be read. */
export async function checkResource<T>(context: ResourceContext<T>): Promise<ResourceCheck> {
  const check = new Check(context);
  await check.readLog();
  await check.readParts();
  await check.readRows();
  await check.readHead();
  const { objects, entries, findings } = check;
  return { objects, entries, findings };
}

class Check<T> {
  objects = 0;
  entries = 0;
  readonly findings: Finding[] = [];
  readonly #context: ResourceContext<T>;
  readonly #log: RevisionLog<T>;
  readonly #rows: ObjectRows<T>;
  readonly #last = new Map<string, LastChange>();
  /**
   * Lowest revision of the complete entries: a write by an absent revision is either older than the log, or its entry
   * was lost.
   */
  #oldest = Number.POSITIVE_INFINITY;
  #newest = 0;
  /** Revisions whose writes, if any, the log doesn't tell. */
  readonly #breaks = new Set<number>();
  readonly #lost = new LostEntries();
  /** Sort keys of objects' parts by revision. */
  readonly #parts = new Map<number, string[]>();

  constructor(context: ResourceContext<T>) {
    this.#context = context;
    this.#log = new RevisionLog(context);
    this.#rows = new ObjectRows(context);
  }

  async readLog(): Promise<void> {
    for await (const items of byRevision(this.#items(logOf(this.#prefix)))) {
      // An entry sorts before its parts.
      const [first, ...parts] = items;
      if (decodePart(first!.sk) === undefined) await this.#entry(first!, parts);
      else this.#leftover(items);
    }
  }

  async readParts(): Promise<void> {
    for await (const { sk } of this.#items(partsOf(this.#prefix))) {
      // The partition also holds the term index, which its readers validate.
      if (!PART.test(sk)) continue;
      const revision = decodeRevision(sk);
      const sks = this.#parts.get(revision);
      if (sks === undefined) this.#parts.set(revision, [sk]);
      else sks.push(sk);
    }
  }

  async readRows(): Promise<void> {
    const unseen = new Set(this.#last.keys());
    for await (const item of this.#items(objectsOf(this.#prefix))) {
      unseen.delete(item.sk);
      const fault = objectItemFault(item);
      if (fault === undefined) await this.#row(item);
      else this.#malformedRow(item, fault);
    }
    for (const key of unseen) {
      const last = this.#last.get(key)!;
      if (last.digest !== undefined) {
        this.#find(`${key} is missing: revision ${last.revision} wrote it`, this.#fromLog(key, last, NO_ROW));
      }
    }
    for (const [revision, sks] of this.#parts) {
      const repair: Repair = { kind: 'remove', pk: partsOf(this.#prefix), sks };
      this.#find(`${sks.length} parts of revision ${revision} belong to no object`, repair);
    }
  }

  async readHead(): Promise<void> {
    if (this.#newest === 0) return;
    const { next } = await this.#context.heads.read(this.#prefix);
    if (next >= this.#newest) return;
    const stands = next === FIRST_REVISION ? 'there is no head' : `the head is at ${next}`;
    this.#find(`${stands}, but revision ${this.#newest} was written`, {
      kind: 'forward',
      revision: this.#newest,
    });
  }

  async #entry(item: Item, parts: readonly Item[]): Promise<void> {
    this.entries++;
    const revision = decodeRevision(item.sk);
    this.#newest = Math.max(this.#newest, revision);
    const count = (item['m'] as number | undefined) ?? 0;
    const bytes: Uint8Array[] = [];
    for (const { sk, d } of parts) bytes[decodePart(sk)!] = d as Uint8Array;
    const fault = logEntryFault(item);
    if (fault !== undefined) {
      this.findings.push(this.#lost.add(item, parts, `the log's revision ${revision} ${fault}`));
      return;
    }
    if (count > 0 && joinParts(bytes, count) === undefined) {
      this.findings.push(
        this.#lost.add(
          item,
          parts,
          `the log's revision ${revision} has ${parts.length} of its ${count} parts`,
        ),
      );
      return;
    }
    const change = await this.#log.decode(item, bytes);
    this.#oldest = Math.min(this.#oldest, revision);
    if (change.kind === 'break') this.#breaks.add(revision);
    if (change.kind === 'noop' || change.kind === 'break') return;
    const corrupt = change.after?.corrupt ?? change.before?.corrupt;
    if (corrupt === undefined) this.#chain(change);
    else {
      const message = `the log's revision ${revision} can't be read: ${corrupt.message}`;
      // Another key may read it.
      const isSealed = isEncrypted(bytes[0] ?? (item['d'] as Uint8Array));
      this.findings.push(isSealed ? { message } : this.#lost.add(item, parts, message));
    }
    this.#last.set(change.key, {
      revision,
      digest: change.after && digest(change.after.bytes),
      isReadable: corrupt === undefined,
    });
  }

  /** Checks that each change of an object continues from the one before. */
  #chain({ key, revision, before }: Change<T>): void {
    const last = this.#last.get(key);
    if (last === undefined || !last.isReadable) return;
    const follows = before?.resourceVersion ?? 0;
    if (this.#breaks.has(follows)) return;
    const expected = last.digest === undefined ? 0 : last.revision;
    if (follows !== expected) {
      const said = (at: number) => (at === 0 ? 'nothing' : `revision ${at}`);
      this.#find(`revision ${revision} of ${key} follows ${said(follows)}, instead of ${said(expected)}`);
    } else if (before !== undefined && digest(before.bytes) !== last.digest) {
      this.#find(
        `revision ${revision} of ${key} records another previous object than revision ${follows} wrote`,
      );
    }
  }

  async #row(item: Item): Promise<void> {
    const { sk: key, del, rv, n = 0 } = item as unknown as ObjectItem;
    this.#newest = Math.max(this.#newest, rv);
    const found: FoundRow = { revision: rv, isTombstone: del === true, parts: n };
    const sks = this.#parts.get(rv) ?? [];
    const last = this.#last.get(key);
    const fromLog = last && last.revision >= rv ? this.#fromLog(key, last, found) : undefined;
    if (last === undefined || last.revision < rv) {
      // If the log begins later, it has no information about this revision.
      if (rv >= this.#oldest && !this.#breaks.has(rv) && !this.#lost.has(rv)) {
        const repair: Repair = { kind: 'break', revision: rv, parts: [] };
        this.#find(`the log has no revision ${rv}, which wrote ${key}`, repair);
      }
    } else if (last.revision > rv) {
      this.#find(`${key} is at revision ${rv}, the log at ${last.revision}`, fromLog);
      return;
    }
    if (del === true) {
      this.#lost.stands(key, rv);
      if (last?.revision === rv && last.digest !== undefined)
        this.#find(`${key} is deleted, but revision ${rv} wrote it`, fromLog);
      return;
    }
    this.objects++;
    if (n > 0) this.#parts.delete(rv);
    if (n > 0 && sks.length !== n) {
      this.#find(`${key} has ${sks.length} of its ${n} parts`, fromLog);
      return;
    }
    const { state } = (await this.#rows.decode(item))!;
    try {
      state!.object();
    } catch (error) {
      this.#find(`${key} can't be read: ${(error as Error).message}`, fromLog);
      return;
    }
    this.#lost.stands(key, rv);
    if (last?.revision !== rv || !last.isReadable) return;
    if (last.digest === undefined) this.#find(`${key} is there, but revision ${rv} deleted it`, fromLog);
    else if (last.digest !== digest(state!.bytes))
      this.#find(`${key} is another object than its revision ${rv} wrote`, fromLog);
  }

  #malformedRow({ sk: key }: Item, fault: string): void {
    const last = this.#last.get(key);
    this.#find(
      `the item at ${key} is not an object: it ${fault}`,
      last && this.#fromLog(key, last, undefined),
    );
  }

  #fromLog(
    key: string,
    { revision, isReadable }: LastChange,
    found: FoundRow | undefined,
  ): Repair | undefined {
    return isReadable ? { kind: 'fromLog', key, revision, found } : undefined;
  }

  #leftover(parts: readonly Item[]): void {
    const revision = decodeRevision(parts[0]!.sk);
    const repair: Repair = { kind: 'remove', pk: logOf(this.#prefix), sks: parts.map(({ sk }) => sk) };
    this.#find(`${parts.length} parts of the log's revision ${revision} belong to no entry`, repair);
  }

  #find(message: string, repair?: Repair): void {
    this.findings.push({ message, repair });
  }

  #items(pk: string): AsyncIterable<Item> {
    const { table } = this.#context;
    return queryItems(table, { pk, from: FIRST_KEY, to: LAST_KEY, consistent: true }, this.#context);
  }

  get #prefix(): string {
    return this.#context.config.resourcePrefix;
  }
}

/** Groups items by revision. */
async function* byRevision(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  let group: Item[] = [];
  for await (const item of items) {
    if (group.length > 0 && decodeRevision(group[0]!.sk) !== decodeRevision(item.sk)) {
      yield group;
      group = [];
    }
    group.push(item);
  }
  if (group.length > 0) yield group;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');
