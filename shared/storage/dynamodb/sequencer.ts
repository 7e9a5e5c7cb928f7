/** The head of a resource's log: hands out revisions, and remembers up to where all of them are decided. */

import { type Claim, FIRST_REVISION, isTableError } from './dynamodb-table.ts';
import { checkFormat, decodeHead, type Head, hasMoved } from './heads.ts';
import { FORMAT, HEADS, OWN_HEAD_FORMAT, type ResourceContext } from './layout.ts';
import { retry } from './retry.ts';

export class Sequencer<T> {
  readonly #context: ResourceContext<T>;
  readonly #prefix: string;
  /** As it stood when this process last heard of it, or wrote it. */
  #last: Head | undefined;
  /** Every revision up to here is decided, and visible to all. */
  #decided = 0;
  /** Whose revisions are the last of these, while the head may not say so. */
  #untold: Head | undefined;

  /** `foreseen`: a read of the head that began before there was this. */
  constructor(context: ResourceContext<T>, foreseen?: Promise<Head>) {
    this.#context = context;
    this.#prefix = context.config.resourcePrefix;
    foreseen?.then(
      (head) => this.#hear(head),
      () => {},
    );
  }

  /** Whether it is likely to be known if the next allocation ends a long silence: asked wrongly, it takes two calls. */
  get knowsOfSilence(): boolean {
    const { clock, protocol } = this.#context;
    return this.#last !== undefined && clock.now() - this.#last.at < protocol.deadAfterMs;
  }

  /** Rejects with `NewerFormat`, as all that read the head do. */
  async read(): Promise<Head> {
    const head = await this.#context.heads.read(this.#prefix);
    this.#hear(head);
    return head;
  }

  #hear(head: Head): void {
    if (head.next >= (this.#last?.next ?? 0)) this.#last = head;
    this.#decided = Math.max(this.#decided, head.resolved);
  }

  /**
   * The next `count` revisions, for a transaction that takes them as it writes: of no use where others take
   * revisions meanwhile. Once it went through, tell by `claimed`.
   */
  async claim(count: number): Promise<Claim> {
    this.#last ??= await this.read();
    const { next, at: last } = this.#last;
    const { clock, protocol } = this.#context;
    const at = clock.now();
    const quiet = last < at - protocol.deadAfterMs;
    return { ...(await this.#place()), from: next, count, at, quiet };
  }

  claimed({ from, count, at }: Claim): void {
    this.#last = { ...this.#last!, next: from + count, from, at };
  }

  /**
   * Takes `count` revisions: those above the returned head's `from`. `grace`: see `Head`. After a long silence every
   * earlier revision is decided, and the allocation that ends the silence says so: nobody could prove it afterwards.
   */
  async allocate(count: number, grace?: number): Promise<Head> {
    const { clock, protocol, table } = this.#context;
    const wasQuiet = this.#last !== undefined && this.#last.at < clock.now() - protocol.deadAfterMs;
    let isListed = this.#last !== undefined && this.#last.next > FIRST_REVISION;
    for (let quiet = wasQuiet; ; ) {
      const place = await this.#place();
      // Whoever took the first revision has seen to it.
      if (quiet && !isListed) await this.#context.written.list(this.#prefix);
      try {
        // An answer that is lost leaves holes behind, as a writer's death does: asking again is safe.
        const item = await retry(this.#context, () => {
          const at = clock.now();
          const deadBefore = at - protocol.deadAfterMs;
          const last = quiet ? { before: deadBefore } : { since: deadBefore };
          return table.allocate({ ...place, count, at, grace, last });
        });
        const head = decodeHead(item);
        this.#last = head;
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

  /** To be told when all that an allocation of this process's took is decided, and visible to all. */
  decided(head: Head): void {
    if (head.from > this.#decided || head.next <= this.#decided) return;
    this.#decided = head.next;
    this.#untold = head;
  }

  /**
   * Tells the head what was decided, where heads stand together: whoever reads them knows by it that what was read since
   * stays as it is. Nobody waits for it, for where it fails others find out.
   */
  tell(): void {
    if (this.#untold === undefined || !this.#context.heads.standsWithOthers(this.#prefix)) return;
    const { next, at } = this.#untold;
    this.#untold = undefined;
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
