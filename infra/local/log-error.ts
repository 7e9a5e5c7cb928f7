/** An error of the server's own, as a line of JSON on standard error. */
export function logError(message: string, error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ time: new Date().toISOString(), level: 'error', message, error: reason }));
}
