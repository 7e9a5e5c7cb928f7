/** The head of a resource's log: hands out revisions, and tracks up to where all of them are decided. */

import { type Claim, FIRST_REVISION, isTableError } from './dynamodb-table.ts';
import { checkFormat, decodeHead, type Head, hasMoved } from './heads.ts';
import { FORMAT, HEADS, OWN_HEAD_FORMAT, type ResourceContext } from './layout.ts';
import { retry } from './retry.ts';

/** `refused`: without effect. */
export type PlantingOutcome = 'planted' | 'refused' | 'unknown';

export class Sequencer<T> {
  readonly #context: ResourceContext<T>;
  readonly #prefix: string;
  /** The head as this process last read or wrote it. */
  #last: Head | undefined;
  /** Every revision up to here is decided, and visible to all. */
  #decided = 0;
  /** Settles when the planting in flight has ended. */
  #planting: Promise<unknown> | undefined;
  /** Whether a planting that has ended may still take effect. */
  #mayBePlanted = false;
  /** The head after this process's last decided allocation, while `resolved` has not been published. */
  #unpublished: Head | undefined;

  /** `prefetched`: a prefetch of the head, started before the sequencer was created. */
  constructor(context: ResourceContext<T>, prefetched?: Promise<Head>) {
    this.#context = context;
    this.#prefix = context.config.resourcePrefix;
    prefetched?.then(
      (head) => this.#observe(head),
      () => {},
    );
  }

  /** Whether it is likely known if the next allocation ends a long silence: a wrong guess takes a second call. */
  get knowsIfIdle(): boolean {
    const { clock, protocol } = this.#context;
    return this.#last !== undefined && clock.now() - this.#last.at < protocol.deadAfterMs;
  }

  /** Rejects with `NewerFormat`, like every read of the head. */
  async read(): Promise<Head> {
    await this.#planting;
    // After that it has taken effect, or can't any more.
    if (this.#mayBePlanted) await this.allocate(1);
    const head = await this.#context.heads.read(this.#prefix);
    this.#observe(head);
    return head;
  }

  #observe(head: Head): void {
    if (head.next >= (this.#last?.next ?? 0)) this.#last = head;
    this.#decided = Math.max(this.#decided, head.resolved);
  }

  /**
   * The next `count` revisions, for a transaction that takes them as it writes; fails if others take revisions
   * meanwhile. After its success, call `claimed`.
   */
  async claim(count: number): Promise<Claim> {
    await this.#planting;
    this.#last ??= await this.read();
    const { next, at: last } = this.#last;
    const { clock, protocol } = this.#context;
    const at = clock.now();
    const quiet = last < at - protocol.deadAfterMs;
    return { ...(await this.#place()), from: next, count, at, quiet };
  }

  /** Delays reads of the head, and claims, while objects are planted. */
  async duringPlanting(outcome: Promise<PlantingOutcome>): Promise<void> {
    this.#planting = outcome;
    this.#mayBePlanted = (await outcome) === 'unknown';
    this.#planting = undefined;
    this.#last = undefined;
  }

  claimed({ from, count, at }: Claim): void {
    this.#last = { ...this.#last!, next: from + count, from, at };
  }

  /**
   * Takes `count` revisions: those above the returned head's `from`. `grace`: see `Head`. After a long silence every
   * earlier revision is decided, and the allocation that ends the silence records that, since it could not be proved
   * later.
   */
  async allocate(count: number, grace?: number): Promise<Head> {
    const { clock, protocol, table } = this.#context;
    const wasIdle = this.#last !== undefined && this.#last.at < clock.now() - protocol.deadAfterMs;
    let isListed = this.#last !== undefined && this.#last.next > FIRST_REVISION;
    for (let quiet = wasIdle; ; ) {
      const place = await this.#place();
      // The process that took the first revision has listed the resource.
      if (quiet && !isListed) await this.#context.written.list(this.#prefix);
      try {
        // A lost response leaves holes, as a writer's death does: retrying is safe.
        const item = await retry(this.#context, () => {
          const at = clock.now();
          const deadBefore = at - protocol.deadAfterMs;
          const last = quiet ? { before: deadBefore } : { since: deadBefore };
          return table.allocate({ ...place, count, at, grace, last });
        });
        const head = decodeHead(item);
        this.#last = head;
        this.#mayBePlanted = false;
        this.#decided = Math.max(this.#decided, head.resolved);
        return head;
      } catch (error) {
        if (!isTableError(error, 'ConditionFailed')) throw error;
        if (error.item !== undefined && hasMoved(error.item)) {
          await this.#context.heads.moved(this.#prefix);
          continue;
        }
        if (error.item !== undefined) {
          checkFormat(error.item);
          isListed ||= decodeHead(error.item).next > FIRST_REVISION;
        }
        quiet = !quiet;
      }
    }
  }

  /** Must be called when all revisions of an allocation by this process are decided, and visible to all. */
  decided(head: Head): void {
    if (head.from > this.#decided || head.next <= this.#decided) return;
    this.#decided = head.next;
    this.#unpublished = head;
  }

  /**
   * Publishes the decided revisions, if the head is in the shared partition: readers of the heads then know that what
   * they read stays valid. In the background; a failure only costs readers more reads.
   */
  publishDecided(): void {
    if (this.#unpublished === undefined || !this.#context.heads.isShared(this.#prefix)) return;
    const { next, at } = this.#unpublished;
    this.#unpublished = undefined;
    this.raiseResolved(next, at).catch(() => {});
  }

  async raiseResolved(resolved: number, resolvedAt: number): Promise<void> {
    const { pk, sk } = await this.#place();
    await retry(this.#context, () => this.#context.table.raiseResolved({ pk, sk }, { resolved, resolvedAt }));
  }

  async #place(): Promise<Pick<Claim, 'pk' | 'sk' | 'format'>> {
    const key = await this.#context.heads.keyOf(this.#prefix);
    return { ...key, format: key.pk === HEADS ? FORMAT : OWN_HEAD_FORMAT };
  }
}
