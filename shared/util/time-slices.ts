/** Long enough to cost little, short enough that nobody waits: milliseconds. */
const SLICE_MS = 10;

/** Long work in slices: what else is to be done gets its turn in between. */
export class TimeSlices {
  #since = performance.now();

  /** Call it often: it only pauses when a slice is over. */
  pause(): Promise<void> | undefined {
    if (performance.now() - this.#since < SLICE_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#since = performance.now();
        resolve();
      });
    });
  }
}
