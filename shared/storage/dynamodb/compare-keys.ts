/**
 * Compares keys in DynamoDB's sort order, that of their UTF-8 bytes. It differs from JavaScript's order, by UTF-16 code
 * units, where one of two differing units is a surrogate: surrogates stand for code points above all others.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
