/** A selector that can't be read; the message is what upstream tells the client. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}
