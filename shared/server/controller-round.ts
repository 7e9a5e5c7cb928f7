import type { Change, Controller } from '../controllers/controller.ts';
import { ControllerManager, type OnTurn } from '../controllers/controller-manager.ts';

export interface ControllerFailure {
  readonly controller: string;
  readonly key: string;
  readonly reason: string;
}

/** How a turn ended. */
export interface RoundEnd {
  /** What failed last. */
  readonly failures: readonly ControllerFailure[];
  /** Milliseconds until something is to be done that nothing written will bring about. */
  readonly nextIn: number | undefined;
}

export interface RoundOptions {
  /** What was written. Absent: everything is looked at. */
  readonly changes?: readonly Change[] | undefined;
  readonly patienceMs: number;
  readonly onTurn?: OnTurn | undefined;
}

/** Stands for all keys of a controller, which it could not even name. */
const ALL_KEYS = '*';

/**
 * One turn of controllers over what was written, or over everything; stays `patienceMs` for what failed or is not done
 * yet.
 */
export async function reconcileOnce(
  controllers: readonly Controller[],
  { changes, patienceMs, onTurn }: RoundOptions,
): Promise<RoundEnd> {
  const told = new Map<string, ControllerFailure>();
  const manager = new ControllerManager({
    controllers,
    onTurn,
    onError: (controller, key, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      told.set(`${controller} ${key}`, { controller, key, reason });
    },
  });
  if (changes === undefined) await manager.resync();
  for (const change of changes ?? []) {
    // What is gone can't say what it held.
    if (change.type === 'DELETED') await manager.observeEnd(change);
    else manager.observe(change);
  }
  await manager.settle(patienceMs);
  const failures = [...told.values()].filter(
    ({ controller, key }) => key === ALL_KEYS || manager.isFailing(controller, key),
  );
  const { dueIn: nextIn } = manager;
  await manager.stop();
  return { failures, nextIn };
}
