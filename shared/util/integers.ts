/** Decimal integers in text form. */

/** Digits of the largest uint64. */
const MAX_DIGITS = 20;

/**
 * Converts decimal digits with an optional sign as `BigInt` does; returns undefined for more digits than 64 bits can
 * hold. Without that limit, converting millions of digits takes seconds.
 */
export function integerOf(text: string): bigint | undefined {
  const unsigned = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  const digits = unsigned.length > MAX_DIGITS ? unsigned.replace(/^0+/, '') : unsigned;
  if (digits.length > MAX_DIGITS) return undefined;
  const integer = BigInt(digits);
  return text.startsWith('-') ? -integer : integer;
}
