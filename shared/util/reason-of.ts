/**
 * The part of an error to log if errors of its kind are part of normal operation: its message. Programming errors keep
 * their stack.
 */
export function reasonOf(error: unknown): unknown {
  const isMistake =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return error instanceof Error && !isMistake ? error.message : error;
}
