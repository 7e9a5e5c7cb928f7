import type { Change, Controller } from '../controllers/controller.ts';
import { ControllerManager } from '../controllers/controller-manager.ts';

export interface ControllerFailure {
  readonly controller: string;
  readonly key: string;
  readonly reason: string;
}

/** Stands for all keys of a controller, which it could not even name. */
const ALL_KEYS = '*';

/**
 * One turn of controllers over what was written, or over everything; stays `patienceMs` for what failed or is not done
 * yet. Resolves to what failed last.
 */
export async function reconcileOnce(
  controllers: readonly Controller[],
  { changes, patienceMs }: { readonly changes?: readonly Change[] | undefined; readonly patienceMs: number },
): Promise<readonly ControllerFailure[]> {
  const failures = new Map<string, ControllerFailure>();
  const manager = new ControllerManager({
    controllers,
    onError: (controller, key, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      failures.set(`${controller} ${key}`, { controller, key, reason });
    },
  });
  if (changes === undefined) await manager.resync();
  for (const change of changes ?? []) {
    // What is gone can't say what it held.
    if (change.type === 'DELETED') await manager.observeEnd(change);
    else manager.observe(change);
  }
  await manager.settle(patienceMs);
  const last = [...failures.values()].filter(
    ({ controller, key }) => key === ALL_KEYS || manager.isFailing(controller, key),
  );
  await manager.stop();
  return last;
}
