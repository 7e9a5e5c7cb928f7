/** What a log should hold of an error that is part of a server's life: its message. A mistake of ours keeps its stack. */
export function reasonOf(error: unknown): unknown {
  const isMistake =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return error instanceof Error && !isMistake ? error.message : error;
}
