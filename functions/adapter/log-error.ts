/** A line of JSON on standard error, which Lambda logs with the time. */
export function logError(message: string, error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ level: 'error', message, error: reason }));
}
