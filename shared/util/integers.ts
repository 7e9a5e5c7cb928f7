/** Integers as they are written. */

/** Of a uint64. */
const MAX_DIGITS = 20;

/**
 * As `BigInt` of decimal digits, which may follow a sign; undefined of those that no 64 bits hold by their mere number,
 * for to make an integer of millions of digits takes seconds.
 */
export function integerOf(text: string): bigint | undefined {
  const unsigned = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text;
  const digits = unsigned.length > MAX_DIGITS ? unsigned.replace(/^0+/, '') : unsigned;
  if (digits.length > MAX_DIGITS) return undefined;
  const integer = BigInt(digits);
  return text.startsWith('-') ? -integer : integer;
}
