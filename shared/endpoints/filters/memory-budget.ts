import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** What a request that lasts holds, in bytes, with its connection and whatever it waits for. */
const LASTING = 64 * 1024;
/** What a selector takes while it is asked, as a multiple of its characters. */
const HEAP_PER_CHARACTER = 48;
const SELECTORS = ['labelSelector', 'fieldSelector'];

/** Has the host keep memory for what lasts, or selects by much: both may come from many at once, and be small to send. */
export const withMemoryBudget: Filter = (context, next) => {
  context.request.claimMemory?.(memoryOf(context), context.user.name);
  return next(context);
};

function memoryOf({ request: { query }, requestInfo }: ServingContext): number {
  const selectors = SELECTORS.reduce((sum, name) => sum + (query.get(name)?.length ?? 0), 0);
  return selectors * HEAP_PER_CHARACTER + (isLongRunning(requestInfo) ? LASTING : 0);
}
