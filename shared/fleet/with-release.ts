/** A body whose end somebody waits for. */

/** The same body; `release` is called once: at its end, or when nobody is left to read it. */
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

export function withRelease(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  release: () => void | Promise<void>,
): AsyncIterable<Uint8Array> {
  let isReleased = false;
  const once = async (): Promise<void> => {
    signal.removeEventListener('abort', once);
    if (isReleased) return;
    isReleased = true;
    await release();
  };
  // A body that is never read has no end.
  if (signal.aborted) void once();
  else signal.addEventListener('abort', once);
  return withReleaseOf(body, once);
}
