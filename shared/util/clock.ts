/**
 * Time and randomness, for code that waits or draws random numbers. Injected, so that a simulation can supply its own.
 */

export interface Clock {
  /** Milliseconds since the epoch; may differ by minutes between processes. */
  now(): number;
  /** Milliseconds since an arbitrary point in time; never decreases. */
  monotonic(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done);
    }),
  random: () => Math.random(),
};
