/** A revision that this process took, and what it is for: a member's write or, once that was dropped, a noop. */

import type { Member } from './commit-queue.ts';
import type { Head } from './heads.ts';
import { type Draft, draft } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import { storageError } from './retry.ts';
import type { Change } from './revision-log.ts';

export class Slot<T> {
  readonly revision: number;
  readonly allocatedAt: number;
  readonly member: Member<T> | undefined;
  #draft: Draft<T> | undefined;
  #change: Change<T> | undefined;
  #verdict: ((member: Member<T>) => void) | undefined;

  /** The `index`-th of the revisions that `head` took. Without a member it is to become a noop. */
  constructor({ from, at }: Pick<Head, 'from' | 'at'>, index: number, member?: Member<T>) {
    this.revision = from + 1 + index;
    this.allocatedAt = at;
    this.member = member;
  }

  /** What is to be written under the revision; unset: a noop. */
  get draft(): Draft<T> | undefined {
    return this.#draft;
  }

  /** What the member's write is, also once it is no longer to be written: it may have been already. */
  get change(): Change<T> | undefined {
    return this.#change;
  }

  /** Makes the member's write; drops it, with the error for a verdict, where it can't be made. */
  async makeDraft(context: ResourceContext<T>): Promise<void> {
    try {
      this.#draft = await draft(context, this.member!.intent, this);
      this.#change = this.#draft.change;
    } catch (error) {
      this.drop((member) => member.reject(storageError(error)));
    }
  }

  /** No longer writes the member under this revision, and tells it so by `verdict` once that is sure. */
  drop(verdict: (member: Member<T>) => void): void {
    this.#draft = undefined;
    this.#verdict = verdict;
  }

  /** To be called once the revision is a noop: tells the member that was dropped, if there is one. */
  tellVerdict(): void {
    this.#verdict?.(this.member!);
  }
}

/** What the slots are about to write, noops left out. */
export const changesOf = <T>(slots: readonly Slot<T>[]): Change<T>[] =>
  slots.flatMap(({ draft }) => draft?.change ?? []);
