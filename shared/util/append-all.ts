/**
 * Appends lists of any length. `push(...items)` passes each item on the stack, which overflows at some 100,000 items.
 */
export function appendAll<T>(into: T[], ...lists: readonly Iterable<T>[]): void {
  for (const list of lists) for (const item of list) into.push(item);
}
