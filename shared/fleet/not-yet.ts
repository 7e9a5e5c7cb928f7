/** What is under way elsewhere and takes its time: nothing is wrong, and whoever waits looks again. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  /** Milliseconds after which it may be over. */
  readonly againMs: number;

  /** `message`: what is waited for, in words for the tenant's owner. */
  constructor(message: string, againMs = 1_000) {
    super(message);
    this.againMs = againMs;
  }
}
