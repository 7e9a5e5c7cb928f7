/** The order of map keys in YAML, which compares embedded numbers by value (go.yaml.in/yaml/v2: sorter.go). */

const isLetter = (char: string): boolean => /^\p{L}$/u.test(char);
const isDigit = (char: string | undefined): boolean => char !== undefined && /^\p{Nd}$/u.test(char);

/** Comparison for `sort`: letters sort last, digits by the number that starts there. */
export function byNaturalOrder(left: string, right: string): number {
  if (left === right) return 0;
  const [one, other] = [[...left], [...right]];
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) return compareAt(one, other, at);
  }
  return one.length - other.length;
}

function compareAt(one: readonly string[], other: readonly string[], at: number): number {
  const [char, counterpart] = [one[at]!, other[at]!];
  const byCode = char.codePointAt(0)! - counterpart.codePointAt(0)!;
  const [isOne, isOther] = [isLetter(char), isLetter(counterpart)];
  if (isOne || isOther) return isOne && isOther ? byCode : isOther ? -1 : 1;
  const start = (char === '0' || counterpart === '0') && followsNumber(one, at) ? 1n : 0n;
  const [number, end] = numberAt(one, at, start);
  const [otherNumber, otherEnd] = numberAt(other, at, start);
  if (number !== otherNumber) return number < otherNumber ? -1 : 1;
  return end - otherEnd || byCode;
}

/** Whether a zero at `at` is significant because of preceding digits, which are equal in both. */
function followsNumber(chars: readonly string[], at: number): boolean {
  for (let before = at - 1; isDigit(chars[before]); before--) if (chars[before] !== '0') return true;
  return false;
}

/** The number starting at `at`, with int64 overflow, and its end. */
function numberAt(chars: readonly string[], at: number, start: bigint): [number: bigint, end: number] {
  let [number, end] = [start, at];
  for (; isDigit(chars[end]); end++) {
    number = BigInt.asIntN(64, number * 10n + BigInt(chars[end]!.codePointAt(0)! - 48));
  }
  return [number, end];
}
