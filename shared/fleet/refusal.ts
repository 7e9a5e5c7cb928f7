/** A control plane can't be created as specified; the message is for its owner. */
export class Refusal extends Error {
  readonly reason: string;
  readonly againMs: number | undefined;

  constructor(reason: string, message: string, againMs?: number) {
    super(message);
    this.reason = reason;
    this.againMs = againMs;
  }
}
