/** The triggers of the controllers function, and its reactions. */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import { ResyncSchedule } from '../../shared/controllers/resync-schedule.ts';
import type { ControlPlane, Round } from '../../shared/server/create-control-plane.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';
import { changesOfKey, writtenKeys } from '../adapter/change-stream.ts';
import type { RoundOutcome } from '../adapter/controllers-log.ts';

export interface ControllerTriggersOptions {
  readonly storage: StorageFactory;
  /** The control plane, created on first use. */
  readonly plane: () => Promise<ControlPlane>;
  /** Milliseconds to stay for retries of failed or unfinished work, such as a namespace that is not empty yet. */
  readonly patienceMs: number;
  readonly now?: (() => number) | undefined;
}

/** Each method settles before it resolves to the failures, after which the event's sender retries it. */
export class ControllerTriggers {
  readonly #options: ControllerTriggersOptions;
  readonly #resyncs: ResyncSchedule;

  constructor(options: ControllerTriggersOptions) {
    this.#options = options;
    this.#resyncs = new ResyncSchedule(options.storage, options.now);
  }

  /** Handles writes reported by the table's stream. */
  async onWrites(event: DynamoDBStreamEvent): Promise<RoundOutcome> {
    const [plane] = await Promise.all([this.#options.plane(), this.#resyncs.recordWrite()]);
    const changes = writtenKeys(event).map((written) => changesOfKey(plane.resources, written));
    return this.#run(plane, { changes: (await Promise.all(changes)).flat() });
  }

  /** Handles the schedule. If nothing was written and nothing is due, no control plane is created. */
  async onSchedule(): Promise<RoundOutcome> {
    const check = await this.#resyncs.next();
    if (!check.isDue) return { changes: 0, failures: [] };
    const outcome = await this.#run(await this.#options.plane(), {});
    if (outcome.failures.length === 0) await this.#resyncs.recordResync(check);
    return outcome;
  }

  async #run(plane: ControlPlane, round: Pick<Round, 'changes'>): Promise<RoundOutcome> {
    const failures = await plane.reconcile({ ...round, patienceMs: this.#options.patienceMs });
    const dueIn = plane.nextIn();
    if (dueIn !== undefined) await this.#resyncs.recordDue(dueIn);
    return { changes: round.changes?.length, failures };
  }
}
