/** The head of a resource's log: hands out revisions, and remembers up to where all of them are decided. */

import { StorageError } from '../errors.ts';
import { type Claim, FIRST_REVISION, type Item, isTableError } from './dynamodb-table.ts';
import { FORMAT, headOf, type ResourceContext } from './layout.ts';
import { retry } from './retry.ts';

export interface Head {
  /** The last revision handed out. */
  readonly next: number;
  /** The last allocation handed out the revisions above this one ... */
  readonly from: number;
  /** ... no earlier than this moment, by the clock of who took them. */
  readonly at: number;
  /** Every revision up to this one is decided, and what it wrote is visible to all. */
  readonly resolved: number;
  /** No later than the moment the revision after `resolved` was taken, by a clock minutes off; 0: unknown. */
  readonly resolvedAt: number;
  /** Milliseconds of patience that a writer who was fenced asks of readers, for revisions up to `graceTo`. */
  readonly grace: number;
  readonly graceTo: number;
}

export class Sequencer<T> {
  readonly #context: ResourceContext<T>;
  readonly #pk: string;
  /** As it stood when this process last heard of it, or wrote it. */
  #last: Head | undefined;

  /** `foreseen`: a read of the head that began before there was this. */
  constructor(context: ResourceContext<T>, foreseen?: Promise<Head>) {
    this.#context = context;
    this.#pk = headOf(context.config.resourcePrefix);
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
    const head = await readHead(this.#context, this.#context.config.resourcePrefix, { consistent: true });
    this.#hear(head);
    return head;
  }

  #hear(head: Head): void {
    if (head.next >= (this.#last?.next ?? 0)) this.#last = head;
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
    return { pk: this.#pk, from: next, count, at, format: FORMAT, quiet: last < at - protocol.deadAfterMs };
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
    for (let quiet = wasQuiet; ; quiet = !quiet) {
      try {
        // An answer that is lost leaves holes behind, as a writer's death does: asking again is safe.
        const item = await retry(this.#context, () => {
          const at = clock.now();
          const deadBefore = at - protocol.deadAfterMs;
          const last = quiet ? { before: deadBefore } : { since: deadBefore };
          return table.allocate({ pk: this.#pk, count, at, format: FORMAT, grace, last });
        });
        this.#last = decodeHead(item);
        return this.#last;
      } catch (error) {
        if (!isTableError(error, 'ConditionFailed')) throw error;
        if (error.item !== undefined) checkFormat(error.item);
      }
    }
  }

  async raiseResolved(resolved: number, resolvedAt: number): Promise<void> {
    await retry(this.#context, () => this.#context.table.raiseResolved(this.#pk, { resolved, resolvedAt }));
  }
}

type TableAccess = Pick<ResourceContext<unknown>, 'table' | 'clock' | 'protocol'>;

/** Of whatever resource. Rejects with `NewerFormat`. */
export async function readHead(
  access: TableAccess,
  resourcePrefix: string,
  options: { readonly consistent: boolean },
): Promise<Head> {
  const key = { pk: headOf(resourcePrefix), sk: '-' };
  return decodeHead((await retry(access, () => access.table.get(key, options))) ?? key);
}

/** Throws `NewerFormat`. */
export function decodeHead(item: Item): Head {
  checkFormat(item);
  const number = (name: keyof Head, otherwise: number) => (item[name] as number | undefined) ?? otherwise;
  return {
    next: number('next', FIRST_REVISION),
    from: number('from', FIRST_REVISION),
    at: number('at', 0),
    resolved: number('resolved', FIRST_REVISION),
    resolvedAt: number('resolvedAt', 0),
    grace: number('grace', 0),
    graceTo: number('graceTo', 0),
  };
}

function checkFormat({ pk, format = 1 }: Item): void {
  if ((format as number) <= FORMAT) return;
  const message = `${pk.replace(/#head$/, '')} was written by a newer release, in format ${format}; this one knows ${FORMAT}`;
  throw new StorageError('NewerFormat', message);
}
