/** The triggers of the controllers function, and its reactions. */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import { LookSchedule } from '../../shared/controllers/look-schedule.ts';
import type { ControlPlane, Round } from '../../shared/server/create-control-plane.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { changesOfKey, writtenKeys } from '../adapter/change-stream.ts';
import type { RoundOutcome } from '../adapter/controllers-log.ts';

export interface WakingsOptions {
  readonly storage: StorageFactory;
  /** The control plane, created on first use. */
  readonly plane: () => Promise<ControlPlane>;
  /** Milliseconds to stay for retries of failed or unfinished work, such as a namespace that is not empty yet. */
  readonly patienceMs: number;
  readonly now?: (() => number) | undefined;
}

/** Each method settles before it resolves to the failures, after which the event's sender retries it. */
export class Wakings {
  readonly #options: WakingsOptions;
  readonly #looks: LookSchedule;

  constructor(options: WakingsOptions) {
    this.#options = options;
    this.#looks = new LookSchedule(options.storage, options.now);
  }

  /** Handles writes reported by the table's stream. */
  async byWrites(event: DynamoDBStreamEvent): Promise<RoundOutcome> {
    const [plane] = await Promise.all([this.#options.plane(), this.#looks.heard()]);
    const changes = writtenKeys(event).map((written) => changesOfKey(plane.resources, written));
    return this.#run(plane, { changes: (await Promise.all(changes)).flat() });
  }

  /** Handles the schedule. If nothing was written and nothing is due, no control plane is created. */
  async byClock(): Promise<RoundOutcome> {
    const look = await this.#looks.next();
    if (!look.isDue) return { changes: 0, failures: [] };
    const outcome = await this.#run(await this.#options.plane(), {});
    if (outcome.failures.length === 0) await this.#looks.looked(look);
    return outcome;
  }

  async #run(plane: ControlPlane, round: Pick<Round, 'changes'>): Promise<RoundOutcome> {
    const failures = await plane.reconcile({ ...round, patienceMs: this.#options.patienceMs });
    const dueIn = plane.nextIn();
    if (dueIn !== undefined) await this.#looks.due(dueIn);
    return { changes: round.changes?.length, failures };
  }
}
