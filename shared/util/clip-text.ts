/** Maximum length of client-supplied text repeated in a response, in UTF-16 code units. */
export const MAX_REPORTED_TEXT = 256 * 1024;

/** Returns `text`, truncated to `most` code units followed by the number of those cut. */
export function clipText(text: string, most = MAX_REPORTED_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length - most} more characters)`;
}
