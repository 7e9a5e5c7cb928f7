/** Yields the chunks of a body and awaits `release` at its end. */

async function* withReleaseOf(
  body: AsyncIterable<Uint8Array>,
  release: () => void | Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    await release();
  }
}

/**
 * Returns the same body. `release` is called once: at the end of the body, which waits for it, or when `signal` aborts
 * because the reader is gone.
 */
export function withRelease(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  release: () => void | Promise<void>,
): AsyncIterable<Uint8Array> {
  let released: Promise<void> | undefined;
  const once = (): Promise<void> => {
    signal.removeEventListener('abort', once);
    released ??= (async () => release())();
    return released;
  };
  // A body that is never read does not end by itself.
  if (signal.aborted) void once();
  else signal.addEventListener('abort', once);
  return withReleaseOf(body, once);
}
