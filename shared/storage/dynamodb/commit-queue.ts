/** Pending writes of one process to one resource, to be committed in groups. */

import type { StorageError } from '../errors.ts';
import type { Intent } from './intent.ts';
import type { Row } from './object-rows.ts';
import { MAX_TRANSACTION_BYTES, MAX_TRANSACTION_WRITES } from './protocol.ts';
import type { Change } from './revision-log.ts';

/** Result of an intent: its change, or the row that conflicted (`row` unset: there is none). */
export type Outcome<T> = { readonly change: Change<T> } | { readonly conflict: Row<T> | undefined };

export interface Member<T> {
  readonly intent: Intent<T>;
  readonly resolve: (outcome: Outcome<T>) => void;
  readonly reject: (error: StorageError) => void;
  /** Number of its revisions that were fenced. */
  fenced: number;
}

export class CommitQueue<T> {
  readonly #partBytes: number;
  readonly #maxWrites: number;
  readonly #members: Member<T>[] = [];

  /** `reservedWrites`: writes that a transaction needs besides those of its members. */
  constructor(partBytes: number, reservedWrites: number) {
    this.#partBytes = partBytes;
    this.#maxWrites = MAX_TRANSACTION_WRITES - reservedWrites;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member<T>): void {
    this.#members.push(member);
  }

  addFirst(member: Member<T>): void {
    this.#members.unshift(member);
  }

  /** Removes as many members as fit into one transaction, one per key: a second write of a key waits for the first. */
  takeBatch(): Member<T>[] {
    const taken: Member<T>[] = [];
    const keys = new Set<string>();
    let writes = 0;
    let bytes = 0;
    for (let at = 0; at < this.#members.length; ) {
      const member = this.#members[at]!;
      const size = sizeOf(member.intent, this.#partBytes);
      const full = writes + size.writes > this.#maxWrites || bytes + size.bytes > MAX_TRANSACTION_BYTES;
      if (taken.length > 0 && full) break;
      if (keys.has(member.intent.key)) {
        at++;
        continue;
      }
      keys.add(member.intent.key);
      writes += size.writes;
      bytes += size.bytes;
      taken.push(member);
      this.#members.splice(at, 1);
    }
    return taken;
  }

  /** Resolves waiting members whose expected state `changes` have replaced: they conflict without asking the table. */
  outdate(changes: readonly Change<T>[]): void {
    const newest = new Map(changes.filter(({ key }) => key !== '').map((change) => [change.key, change]));
    for (let at = this.#members.length - 1; at >= 0; at--) {
      const { intent, resolve } = this.#members[at]!;
      const change = newest.get(intent.key);
      if (change === undefined || (intent.before === undefined && change.after === undefined)) continue;
      this.#members.splice(at, 1);
      resolve({ conflict: { key: change.key, revision: change.revision, state: change.after } });
    }
  }
}

/** Upper bounds of writes and bytes, before compression. */
function sizeOf<T>({ bytes, before }: Intent<T>, partBytes: number): { writes: number; bytes: number } {
  const images = (bytes?.length ?? 0) + (before?.size ?? 0);
  const parts = (length: number) => (length > partBytes ? Math.ceil(length / partBytes) : 0);
  return {
    writes: 2 + parts(images) + parts(bytes?.length ?? 0) + (before?.parts ?? 0),
    bytes: images + (bytes?.length ?? 0),
  };
}
