import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import type { ServingContext } from '../routing/serving-context.ts';

/** Memory of a long-running request, its connection included, in bytes. */
const LASTING = 64 * 1024;
/** Memory of a parsed selector, as a multiple of its length. */
const HEAP_PER_CHARACTER = 48;
const SELECTORS = ['labelSelector', 'fieldSelector'];

/** Reserves memory for long-running requests and long selectors, which are cheap to send in large numbers. */
export const withMemoryBudget: Filter = (context, next) => {
  context.request.claimMemory?.(memoryOf(context), context.user.name);
  return next(context);
};

function memoryOf({ request: { query }, requestInfo }: ServingContext): number {
  const selectors = SELECTORS.reduce((sum, name) => sum + (query.get(name)?.length ?? 0), 0);
  return selectors * HEAP_PER_CHARACTER + (isLongRunning(requestInfo) ? LASTING : 0);
}
