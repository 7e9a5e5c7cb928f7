/**
 * Resource quantities: exact decimal numbers with a unit suffix
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go).
 */

export type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

/** An invalid quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

/** Sign, integer digits, fraction digits, suffix. Like upstream, reads missing digits as zero. */
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]+[+-]?\d*|[+-]\d*)?)$/;

const NANO = -9;
/** Larger exponents are rejected, because they are meaningless and computing with them would take much memory. */
const MAX_EXPONENT = 10_000;
/** Like large exponents, millions of digits would take minutes to compute with. */
const MAX_DIGITS = 10_000;
const TOO_LONG = `quantities must not have more than ${MAX_DIGITS} digits`;
const MAX_BINARY = 2n ** 63n - 1n;
/** Number of digits that always fit into an int64; such quantities keep their notation. */
const MAX_INT64_DIGITS = 18;

const DECIMAL_SUFFIXES: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_SUFFIXES: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_NAMES = new Map(Object.entries(DECIMAL_SUFFIXES).map(([name, exponent]) => [exponent, name]));
const BINARY_NAMES = new Map(Object.entries(BINARY_SUFFIXES).map(([name, exponent]) => [exponent, name]));

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function parseSuffix(suffix: string): Suffix | undefined {
  if (Object.hasOwn(DECIMAL_SUFFIXES, suffix)) {
    return { base: 10, exponent: DECIMAL_SUFFIXES[suffix]!, format: 'DecimalSI' };
  }
  if (Object.hasOwn(BINARY_SUFFIXES, suffix)) {
    return { base: 2, exponent: BINARY_SUFFIXES[suffix]!, format: 'BinarySI' };
  }
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) > MAX_EXPONENT ? undefined : { base: 10, exponent, format: 'DecimalExponent' };
}

function pow10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** `value / divisor`, rounded away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = abs(value) / divisor + (value % divisor === 0n ? 0n : 1n);
  return value < 0n ? -quotient : quotient;
}

/** `value` = `result` * `factor` ^ `times`, where `result` isn't divisible by `factor`. */
function removeFactors(value: bigint, factor: bigint): { result: bigint; times: number } {
  let result = value;
  let times = 0;
  while (result !== 0n && result % factor === 0n) {
    result /= factor;
    times++;
  }
  return { result, times };
}

/** Immutable. */
export class Quantity {
  static readonly zero = new Quantity(0n, 0, 'DecimalSI');

  /** The value is `#unscaled` * 10 ^ `#exponent`. */
  readonly #unscaled: bigint;
  readonly #exponent: number;
  readonly #spelling: string | undefined;
  readonly format: QuantityFormat;

  constructor(unscaled: bigint, exponent: number, format: QuantityFormat, spelling?: string) {
    this.#unscaled = unscaled;
    this.#exponent = exponent;
    this.format = format;
    this.#spelling = spelling;
  }

  /** Rounds fractions finer than nano away from zero. Throws `QuantityError`. */
  static parse(text: string): Quantity {
    const match = PATTERN.exec(text);
    if (match === null || text === '') throw new QuantityError(WRONG_FORMAT);
    const [, sign, whole, fraction, suffixText] = match as unknown as [
      string,
      string,
      string,
      string?,
      string?,
    ];
    const suffix = parseSuffix(suffixText ?? '');
    if (suffix === undefined) throw new QuantityError(WRONG_SUFFIX);
    if (whole.length + (fraction ?? '').length > MAX_DIGITS) throw new QuantityError(TOO_LONG);
    const magnitude = BigInt(whole + (fraction ?? ''));
    const value = sign === '-' ? -magnitude : magnitude;
    const decimals = fraction?.length ?? 0;
    if (suffix.base === 2) return Quantity.#binary(text, value, decimals, suffix.exponent);
    const exponent = suffix.exponent - decimals;
    if (exponent < NANO) {
      return new Quantity(divideUp(value, pow10(NANO - exponent)), NANO, suffix.format);
    }
    const canonical = `${whole.replace(/^0+/, '') || '0'}${fraction ?? ''}`;
    const keeps =
      canonical.length <= MAX_INT64_DIGITS &&
      exponent % 3 === 0 &&
      !canonical.endsWith('000') &&
      !canonical.startsWith('0');
    return new Quantity(value, exponent, suffix.format, keeps ? text : undefined);
  }

  static #binary(text: string, value: bigint, decimals: number, exponent: number): Quantity {
    const scaled = value << BigInt(exponent);
    if (decimals === 0 && abs(scaled) < MAX_BINARY) {
      const keeps = (abs(value) & 7n) !== 0n;
      return new Quantity(scaled, 0, 'BinarySI', keeps ? text : undefined);
    }
    const exact =
      decimals > -NANO ? divideUp(scaled, pow10(decimals + NANO)) : scaled * pow10(-NANO - decimals);
    const limit = MAX_BINARY * pow10(-NANO);
    const capped = abs(exact) > limit ? (exact < 0n ? -limit : limit) : exact;
    const format = capped !== 0n && abs(capped) < pow10(-NANO) ? 'DecimalSI' : 'BinarySI';
    return new Quantity(capped, NANO, format);
  }

  static fromInteger(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), 0, format);
  }

  static fromMilli(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), -3, format);
  }

  get sign(): -1 | 0 | 1 {
    return this.#unscaled < 0n ? -1 : this.#unscaled > 0n ? 1 : 0;
  }

  get isZero(): boolean {
    return this.#unscaled === 0n;
  }

  /** The value as an integer multiple of 10 ^ `exponent`, which must not exceed the quantity's own exponent. */
  #at(exponent: number): bigint {
    return this.#unscaled * pow10(this.#exponent - exponent);
  }

  /** If this is zero, the result has the format of `other`. */
  add(other: Quantity): Quantity {
    const exponent = Math.min(this.#exponent, other.#exponent);
    const format = this.isZero ? other.format : this.format;
    return new Quantity(this.#at(exponent) + other.#at(exponent), exponent, format);
  }

  /** If this is zero, the result has the format of `other`. */
  sub(other: Quantity): Quantity {
    const format = this.isZero ? other.format : this.format;
    return new Quantity(this.add(other.neg()).#unscaled, Math.min(this.#exponent, other.#exponent), format);
  }

  mul(factor: bigint | number): Quantity {
    return new Quantity(this.#unscaled * BigInt(factor), this.#exponent, this.format);
  }

  neg(): Quantity {
    return new Quantity(-this.#unscaled, this.#exponent, this.format);
  }

  cmp(other: Quantity): -1 | 0 | 1 {
    const exponent = Math.min(this.#exponent, other.#exponent);
    const [a, b] = [this.#at(exponent), other.#at(exponent)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Quantity): boolean {
    return this.cmp(other) === 0;
  }

  /** The value in multiples of 10 ^ `exponent`, rounded away from zero. */
  scaledValue(exponent: number): bigint {
    if (exponent <= this.#exponent) return this.#at(exponent);
    return divideUp(this.#unscaled, pow10(exponent - this.#exponent));
  }

  /** The next multiple of 10 ^ `exponent`, away from zero; the same quantity if it is one already. */
  roundUp(exponent: number): Quantity {
    if (exponent <= this.#exponent) return this;
    const rounded = new Quantity(this.scaledValue(exponent), exponent, this.format);
    return rounded.cmp(this) === 0 ? this : rounded;
  }

  /** The value as an integer, rounded away from zero. */
  value(): bigint {
    return this.scaledValue(0);
  }

  get isWhole(): boolean {
    return this.#exponent >= 0 || this.#unscaled % pow10(-this.#exponent) === 0n;
  }

  /** The value in thousandths, rounded away from zero. */
  milliValue(): bigint {
    return this.scaledValue(-3);
  }

  /** The value if it is a 64-bit integer. */
  asInt64(): bigint | undefined {
    const value = this.value();
    const exact = this.cmp(Quantity.fromInteger(value)) === 0;
    return exact && BigInt.asIntN(64, value) === value ? value : undefined;
  }

  asNumber(): number {
    return Number(`${this.#unscaled}e${this.#exponent}`);
  }

  /** The canonical form. Like upstream, keeps short notations that are canonical up to zeros. */
  toString(): string {
    if (this.#spelling !== undefined) return this.#spelling;
    if (this.isZero) return '0';
    if (this.format === 'BinarySI') {
      const integer = this.value();
      const exact = this.cmp(Quantity.fromInteger(integer)) === 0;
      if (exact && abs(integer) >= 1024n) {
        const { result, times } = removeFactors(integer, 1024n);
        return `${result}${times === 0 ? '' : (BINARY_NAMES.get(times * 10) ?? '')}`;
      }
    }
    const { result, times } = removeFactors(this.#unscaled, 10n);
    const exponent = this.#exponent + times;
    const surplus = ((exponent % 3) + 3) % 3;
    return `${result * pow10(surplus)}${this.#decimalSuffix(exponent - surplus)}`;
  }

  #decimalSuffix(exponent: number): string {
    if (this.format !== 'DecimalExponent') return DECIMAL_NAMES.get(exponent) ?? '';
    return exponent === 0 ? '' : `e${exponent}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
