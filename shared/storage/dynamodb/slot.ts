/** A revision taken by this process, and its use: a member's write or, once that was dropped, a noop. */

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
  #onDropped: ((member: Member<T>) => void) | undefined;

  /** The `index`-th of the revisions that `head` took. Without a member it becomes a noop. */
  constructor({ from, at }: Pick<Head, 'from' | 'at'>, index: number, member?: Member<T>) {
    this.revision = from + 1 + index;
    this.allocatedAt = at;
    this.member = member;
  }

  /** The draft to be written under the revision; unset: a noop. */
  get draft(): Draft<T> | undefined {
    return this.#draft;
  }

  /** The member's change, also after it was dropped, since an earlier attempt may have written it. */
  get change(): Change<T> | undefined {
    return this.#change;
  }

  /** Drafts the member's write; if that fails, drops it, and rejects it with the error once the revision is a noop. */
  async makeDraft(context: ResourceContext<T>): Promise<void> {
    try {
      this.#draft = await draft(context, this.member!.intent, this);
      this.#change = this.#draft.change;
    } catch (error) {
      this.drop((member) => member.reject(storageError(error)));
    }
  }

  /** Stops writing the member under this revision; `onDropped` is called once the revision is a noop. */
  drop(onDropped: (member: Member<T>) => void): void {
    this.#draft = undefined;
    this.#onDropped = onDropped;
  }

  /** Must be called once the revision is a noop: calls the onDropped of the dropped member, if there is one. */
  finishDrop(): void {
    this.#onDropped?.(this.member!);
  }
}

/** The changes that the slots are about to write, without noops. */
export const changesOf = <T>(slots: readonly Slot<T>[]): Change<T>[] =>
  slots.flatMap(({ draft }) => draft?.change ?? []);
