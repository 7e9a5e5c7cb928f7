/** A body whose end somebody waits for. */

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
 * The same body; `release` is called once: at its end, which waits for it, or when nobody is left to read it, as `signal`
 * tells.
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
  // A body that is never read has no end.
  if (signal.aborted) void once();
  else signal.addEventListener('abort', once);
  return withReleaseOf(body, once);
}
