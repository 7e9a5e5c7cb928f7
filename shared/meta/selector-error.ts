/** An invalid selector; the message is upstream's text for the client. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}
