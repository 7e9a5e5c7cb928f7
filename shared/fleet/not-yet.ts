/** Work in progress elsewhere that takes time. Not a failure: the caller retries later. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  /** Milliseconds until a retry is worthwhile. */
  readonly retryAfterMs: number;

  /** `message`: what is being waited for, in words for the tenant's owner. */
  constructor(message: string, retryAfterMs = 1_000) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
