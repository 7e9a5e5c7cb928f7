/** A feature that Zeroplane knows of and does not have. The README lists every call of `unsupported`. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly feature: string;

  constructor(feature: string, why: string) {
    super(`${feature} is not supported: ${why}`);
    this.feature = feature;
  }
}

/** The one way to leave a gap. `why` is told to the user: one clause, no full stop. */
export function unsupported(feature: string, why: string): never {
  throw new UnsupportedError(feature, why);
}
