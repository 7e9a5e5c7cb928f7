/** Streams on a host that cuts off what is silent. */

export interface SilenceOptions {
  /** Milliseconds of silence that are too many. */
  readonly afterMs: number;
  /** Bytes that mean nothing between frames, sent in place of silence; undefined: there are none, and the stream ends. */
  readonly filler: Uint8Array | undefined;
  /** Ends the frames. */
  readonly stop: () => void;
}

const SILENT = Symbol('silent');

/** The frames as they come, and something, or the end, where none came for too long. */
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

/** What `promise` resolves with, unless that takes longer. */
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
