/** Why a control plane is not to be made as it is asked for, in words for its owner. */
export class Refusal extends Error {
  readonly reason: string;
  readonly againMs: number | undefined;

  constructor(reason: string, message: string, againMs?: number) {
    super(message);
    this.reason = reason;
    this.againMs = againMs;
  }
}
