/** Keeps streams alive on hosts that cut idle connections. */

export interface SilenceOptions {
  /** Maximum idle time in milliseconds. */
  readonly afterMs: number;
  /**
   * Bytes without meaning between frames, sent when the stream is idle; undefined if there are none, which ends the
   * stream.
   */
  readonly filler: Uint8Array | undefined;
  /** Stops the source of the frames. */
  readonly stop: () => void;
}

const SILENT = Symbol('silent');

/** The frames, with filler inserted when none came for `afterMs`; without filler, the stream ends then. */
export async function* breakSilence(
  frames: AsyncIterable<Uint8Array>,
  { afterMs, filler, stop }: SilenceOptions,
): AsyncGenerator<Uint8Array, undefined> {
  const iterator = frames[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next(); ; ) {
      const came = await withinMs(next, afterMs);
      if (came === SILENT) {
        if (filler === undefined) stop();
        else yield filler;
        continue;
      }
      if (came.done) return;
      yield came.value;
      next = iterator.next();
    }
  } finally {
    stop();
    await iterator.return?.();
  }
}

/** Resolves like `promise`, or with SILENT after `ms`. */
async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | typeof SILENT> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof SILENT>((resolve) => {
    timer = setTimeout(() => resolve(SILENT), ms);
    timer.unref();
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
