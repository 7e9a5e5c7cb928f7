/** A feature that Zeroplane recognizes but does not implement. The README lists every call of `unsupported`. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly feature: string;

  constructor(feature: string, why: string) {
    super(`${feature} is not supported: ${why}`);
    this.feature = feature;
  }
}

/** The only way to report a gap. `why` is shown to the user: one clause, no full stop. */
export function unsupported(feature: string, why: string): never {
  throw new UnsupportedError(feature, why);
}
