/** A body whose end somebody waits for. */

/** The same body; `release` is called once: at its end, or when nobody is left to read it. */
async function* withReleaseOf(
  body: AsyncIterable<Uint8Array>,
  release: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    release();
  }
}

export function withRelease(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  release: () => void,
): AsyncIterable<Uint8Array> {
  let isReleased = false;
  const once = (): void => {
    signal.removeEventListener('abort', once);
    if (!isReleased) release();
    isReleased = true;
  };
  // A body that is never read has no end.
  if (signal.aborted) once();
  else signal.addEventListener('abort', once);
  return withReleaseOf(body, once);
}
