/** What works but not for ever, as a line of JSON on standard error. */
export function logWarning(text: string): void {
  console.error(JSON.stringify({ time: new Date().toISOString(), level: 'warning', message: text }));
}
