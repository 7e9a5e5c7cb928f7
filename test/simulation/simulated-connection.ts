/** A process's connection to the simulated table: every call may be late, lost, refused, or the last of its process. */

import {
  type Allocation,
  type DynamoDBTable,
  type Item,
  type ItemKey,
  type Page,
  type Query,
  TableError,
  type TableErrorKind,
  type TransactedWrite,
  type TransactOptions,
  type Write,
} from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { allocateOn, type SimulatedTable } from './simulated-table.ts';
import type { SimulatedProcess } from './world.ts';

export interface Call {
  readonly process: string;
  readonly operation: 'get' | 'query' | 'write' | 'allocate' | 'raiseResolved' | 'transact';
  readonly consistent?: boolean;
  readonly writes?: readonly TransactedWrite[];
  readonly pk?: string;
}

/** The fate of a call. */
export interface Fate {
  /** Milliseconds until it takes effect. */
  readonly effectAfter: number;
  /** Milliseconds from the effect to the response. */
  readonly answerAfter: number;
  /** Fails with this error, without effect. */
  readonly refusedWith?: Extract<TableErrorKind, 'Throttled' | 'Unreachable' | 'Conflict'>;
  /** Fails as lost after this many milliseconds, whether or not it takes effect. */
  readonly lostAfter?: number;
  /** Never takes effect. */
  readonly dropped?: boolean;
  /** The caller dies: right after the call, or with its effect. */
  readonly crash?: 'on call' | 'on effect';
  /** The caller is frozen for this long after the call. */
  readonly freezeMs?: number;
  /** Additional delay until each write of a transaction becomes visible. */
  readonly lag?: () => number;
  /** Items per page. */
  readonly pageItems?: number;
}

export type Decide = (call: Call) => Fate;

export class SimulatedConnection implements DynamoDBTable {
  readonly #table: SimulatedTable;
  readonly #process: SimulatedProcess;
  readonly #decide: Decide;
  calls = 0;

  constructor({
    table,
    process,
    decide,
  }: { table: SimulatedTable; process: SimulatedProcess; decide: Decide }) {
    this.#table = table;
    this.#process = process;
    this.#decide = decide;
  }

  get(key: ItemKey, { consistent }: { readonly consistent: boolean }): Promise<Item | undefined> {
    return this.#call({ operation: 'get', consistent, pk: key.pk }, (_, since) =>
      this.#table.read(key, { consistent, since }),
    );
  }

  query(query: Query): Promise<Page> {
    const { consistent, pk, limit = 1_000 } = query;
    return this.#call({ operation: 'query', consistent, pk }, ({ pageItems = 1_000 }, since) =>
      this.#table.query(query, { limit: Math.min(pageItems, limit), since }),
    );
  }

  write(write: Write): Promise<void> {
    return this.#call({ operation: 'write', writes: [write] }, () => this.#table.write(write));
  }

  allocate(allocation: Allocation): Promise<Item> {
    return this.#call({ operation: 'allocate', pk: allocation.pk }, () =>
      this.#table.update({ pk: allocation.pk, sk: allocation.sk }, (item) => allocateOn(item, allocation)),
    );
  }

  raiseResolved(
    { pk, sk }: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    return this.#call({ operation: 'raiseResolved', pk }, () => {
      this.#table.update({ pk, sk }, (item) => ({
        ...item,
        pk,
        sk,
        ...(((item?.['resolved'] as number | undefined) ?? 0) < to.resolved ? to : {}),
      }));
    });
  }

  transact(writes: readonly TransactedWrite[], { notAfter, isProven }: TransactOptions): Promise<void> {
    if (this.#process.clock.now() > notAfter) return Promise.reject(new TableError('TooLate', 'too late'));
    return this.#call({ operation: 'transact', writes }, ({ lag = () => 0 }) => {
      if (isProven) this.#table.checkProof(writes);
      const visibleAt = this.#table.transact(writes, lag);
      // A successful response is only sent when all items are visible.
      return { result: undefined, notBefore: visibleAt };
    });
  }

  async create(): Promise<void> {}

  close(): void {}

  #call<R>(
    call: Omit<Call, 'process'>,
    effect: (fate: Fate, since: number) => R | { readonly result: R; readonly notBefore: number },
  ): Promise<R> {
    this.calls++;
    const { world } = this.#process;
    const process = this.#process;
    const fate = this.#decide({ ...call, process: process.name });
    const since = world.now;
    return new Promise<R>((resolve, reject) => {
      if (fate.freezeMs !== undefined) process.freeze(fate.freezeMs);
      if (fate.lostAfter !== undefined) {
        process.resume(since + fate.lostAfter, () => reject(new TableError('Ambiguous', 'no answer')));
      }
      if (!fate.dropped) {
        world.schedule(since + fate.effectAfter, () => {
          let answer: () => void;
          let at = world.now + fate.answerAfter;
          if (fate.refusedWith !== undefined) {
            const error = new TableError(fate.refusedWith, fate.refusedWith);
            answer = () => reject(error);
          } else {
            try {
              const outcome = effect(fate, since);
              if (typeof outcome === 'object' && outcome !== null && 'notBefore' in outcome) {
                at = Math.max(at, outcome.notBefore);
                answer = () => resolve(outcome.result);
              } else answer = () => resolve(outcome as R);
            } catch (error) {
              answer = () => reject(error);
            }
          }
          if (fate.crash === 'on effect') process.crash();
          if (fate.lostAfter === undefined) process.resume(at, answer);
        });
      }
      if (fate.crash === 'on call') process.crash();
    });
  }
}
