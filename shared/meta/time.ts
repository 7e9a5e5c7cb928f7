/** Times as the API writes them. */

/** `metav1.Time`: RFC 3339, whole seconds, UTC. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== last.second)
    last = { second, text: `${new Date(milliseconds).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Most times that are written are the present's. */
let last: { readonly second: number; readonly text: string } = { second: Number.NaN, text: '' };

/** `metav1.MicroTime`: RFC 3339 with six digits. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}
