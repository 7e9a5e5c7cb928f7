/** Formats times for the API. */

/** `metav1.Time`: RFC 3339, whole seconds, UTC. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== last.second)
    last = { second, text: `${new Date(milliseconds).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Caches the last text, because most formatted times are the current one. */
let last: { readonly second: number; readonly text: string } = { second: Number.NaN, text: '' };

/** `metav1.MicroTime`: RFC 3339 with six fractional digits. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}
