import type { Change, Controller } from '../controllers/controller.ts';
import { ControllerManager, type OnTurn } from '../controllers/controller-manager.ts';

export interface ControllerFailure {
  readonly controller: string;
  readonly key: string;
  readonly reason: string;
}

/** The result of a round. */
export interface RoundEnd {
  /** The failures at the end of the round. */
  readonly failures: readonly ControllerFailure[];
  /** Milliseconds until something is due that no write will trigger. */
  readonly nextIn: number | undefined;
}

export interface RoundOptions {
  /** The writes to process. If absent, every object is processed. */
  readonly changes?: readonly Change[] | undefined;
  readonly patienceMs: number;
  readonly onTurn?: OnTurn | undefined;
}

/** Stands for all keys of a controller that failed before it could name any. */
const ALL_KEYS = '*';

/**
 * Runs controllers once over the changes, or over everything. Waits up to `patienceMs` for retries and unfinished work.
 */
export async function reconcileOnce(
  controllers: readonly Controller[],
  { changes, patienceMs, onTurn }: RoundOptions,
): Promise<RoundEnd> {
  const failuresByKey = new Map<string, ControllerFailure>();
  const manager = new ControllerManager({
    controllers,
    onTurn,
    onError: (controller, key, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      failuresByKey.set(`${controller} ${key}`, { controller, key, reason });
    },
  });
  if (changes === undefined) await manager.resync();
  for (const change of changes ?? []) {
    // A deleted object no longer contains the information that controllers need.
    if (change.type === 'DELETED') await manager.observeEnd(change);
    else manager.observe(change);
  }
  await manager.settle(patienceMs);
  const failures = [...failuresByKey.values()].filter(
    ({ controller, key }) => key === ALL_KEYS || manager.isFailing(controller, key),
  );
  const { dueIn: nextIn } = manager;
  await manager.stop();
  return { failures, nextIn };
}
