/** JSON with integers kept exact: what JavaScript's numbers can't hold, but Go's int64 can, is a bigint. */

/** Only texts with this many digits in a row can hold such an integer. */
const LONG_INTEGER = /\d{16}/;
/** A string, or a long integer that is no part of a fraction or exponent. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;
const INT64_MAX = 2n ** 63n - 1n;

/** Whether `parseJSON` may find a bigint in the text. */
export const hasLongIntegers = (text: string): boolean => LONG_INTEGER.test(text);

/** JSON.parse, exactly. Throws SyntaxError. */
export function parseJSON(text: string): unknown {
  if (!hasLongIntegers(text)) return JSON.parse(text);
  const mark = crypto.randomUUID();
  const marked = text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`));
  return JSON.parse(marked, (_, member: unknown) =>
    typeof member === 'string' && member.startsWith(mark) ? readInteger(member.slice(mark.length)) : member,
  );
}

function readInteger(digits: string): number | bigint {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(digits);
  return exact > INT64_MAX || exact < -INT64_MAX - 1n ? number : exact;
}

/** JSON.stringify, with bigints as numbers. */
export function stringifyJSON(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return stringifyExactly(value, indent);
  }
}

/** Bigints are written as marked strings, whose quotes then go. */
function stringifyExactly(value: unknown, indent: number | undefined): string {
  const mark = crypto.randomUUID();
  const text = JSON.stringify(
    value,
    (_, member: unknown) => (typeof member === 'bigint' ? `${mark}${member}` : member),
    indent,
  );
  return text.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
