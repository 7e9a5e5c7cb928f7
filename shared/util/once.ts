/**
 * `make`, called by whoever asks first, whose answer all share. A failure is for those who wait for it: whoever asks
 * after that calls anew.
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
