/** The longest text that an answer holds of what a client sent, in UTF-16 code units. */
export const MAX_TOLD_TEXT = 256 * 1024;

/** A text that is no longer than that; what was cut is counted at the end. */
export function clipText(text: string, most = MAX_TOLD_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length - most} more characters)`;
}
