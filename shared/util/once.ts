/**
 * Wraps `make` so that concurrent and later calls share the result of the first. A failure is passed to the callers
 * already waiting; the next call runs `make` again.
 */
export function once<A extends unknown[], T>(make: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...args) => {
    made ??= make(...args).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
