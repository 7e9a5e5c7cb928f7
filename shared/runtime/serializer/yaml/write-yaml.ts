/** Values as YAML, byte for byte as `sigs.k8s.io/yaml` writes them (go.yaml.in/yaml/v2: encode.go, emitterc.go). */

import { atOnce, inPieces, isTimeToLook, type Pieces } from '../../../util/breathe.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { sortInPieces } from '../../../util/sort-in-pieces.ts';
import { formatFloat } from '../../go-format.ts';
import { byNaturalOrder } from './natural-order.ts';
import { type Place, type ScalarStyle, scalarStyle, UNPRINTABLE } from './scalar-style.ts';

/** Of what JSON can hold, and bigints; members that are undefined are left out. */
export const writeYAML = (value: unknown): string => atOnce(new YAMLWriter().write(value));

/** The same text as `writeYAML`'s, with pauses in which others go first. */
export const writeYAMLInPieces = async (value: unknown): Promise<string> =>
  inPieces(new YAMLWriter().write(value));

/** Columns behind which a line goes on in the next one at a space. */
const BEST_WIDTH = 80;
const INDENT = 2;
/** Bytes of a key that stands on the line of its value. */
const MAX_SIMPLE_KEY = 128;
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

const isBreak = (char: string): boolean => '\n\r\x85\u2028\u2029'.includes(char);

class YAMLWriter {
  readonly #parts: string[] = [];
  #column = 0;
  #indent = -1;
  /** Whether what was written last ends in white space. */
  #isSpace = true;
  /** Whether there are but indicators of blocks in the line so far. */
  #isIndentation = true;

  *write(value: unknown): Pieces<string> {
    yield* this.#node(value, 'element');
    this.#indent = 0;
    this.#writeIndent();
    return this.#parts.join('');
  }

  *#node(value: unknown, place: Place): Pieces<void> {
    if (isTimeToLook()) yield;
    if (typeof value === 'string') return this.#string(value, place);
    if (typeof value !== 'object' || value === null) return this.#scalar(plainText(value), 'plain', place);
    const outer = this.#indent;
    if (Array.isArray(value)) {
      if (value.length === 0) return this.#indicator('[]');
      this.#indent = deeper(outer, place === 'member' && !this.#isIndentation ? 0 : INDENT);
      for (const element of value) yield* this.#element(element);
    } else {
      const members = Object.entries(value).filter(([, member]) => member !== undefined);
      if (members.length === 0) return this.#indicator('{}');
      this.#indent = deeper(outer, INDENT);
      const sorted = yield* sortInPieces(members, ([left], [right]) => byNaturalOrder(left, right));
      for (const [key, member] of sorted) yield* this.#member(key, member);
    }
    this.#indent = outer;
  }

  *#element(value: unknown): Pieces<void> {
    this.#writeIndent();
    this.#indicator('-', { ofBlock: true });
    yield* this.#node(value, 'element');
  }

  *#member(key: string, value: unknown): Pieces<void> {
    this.#writeIndent();
    if (isSimple(key)) {
      this.#string(key, 'key');
      this.#put(':');
    } else {
      this.#indicator('?', { ofBlock: true });
      this.#string(key, 'element');
      this.#writeIndent();
      this.#indicator(':', { ofBlock: true });
    }
    yield* this.#node(value, 'member');
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  #indicator(text: string, { ofBlock = false } = {}): void {
    this.#put(this.#isSpace ? text : ` ${text}`);
    this.#isSpace = false;
    this.#isIndentation &&= ofBlock;
  }

  /** Goes to the column of the indent, in a new line unless nothing but indicators stand in this one. */
  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    const isBehind = this.#column > indent || (this.#column === indent && !this.#isSpace);
    if (!this.#isIndentation || isBehind) this.#break('\n');
    this.#put(' '.repeat(Math.max(indent - this.#column, 0)));
    this.#isSpace = true;
    this.#isIndentation = true;
  }

  #break(char: string): void {
    this.#parts.push(char);
    this.#column = 0;
  }

  #string(text: string, place: Place): void {
    this.#scalar(text, scalarStyle(text, place), place);
  }

  #scalar(text: string, style: ScalarStyle, place: Place): void {
    const outer = this.#indent;
    this.#indent = deeper(outer, INDENT);
    if (style === 'literal') this.#literal(text);
    else if (style === 'double') this.#double(text, place);
    else this.#flow(text, style, place);
    this.#indent = outer;
  }

  /** Plain, or in single quotes. */
  #flow(text: string, style: 'plain' | 'single', place: Place): void {
    const quote = style === 'single' ? "'" : '';
    const shown = quote === '' ? text : text.replaceAll("'", "''");
    this.#indicator(quote);
    const isOneLine = place === 'key' || this.#column + shown.length <= BEST_WIDTH;
    if (isOneLine && !/[\u2028\u2029]/.test(text)) this.#put(shown);
    else this.#flowLines([...text], quote);
    this.#put(quote);
    this.#isSpace = false;
    this.#isIndentation = false;
  }

  #flowLines(chars: readonly string[], quote: string): void {
    let isAfterSpace = false;
    let isAfterBreak = false;
    for (const [at, char] of chars.entries()) {
      if (char === ' ') {
        const isInside = quote === '' || (at > 0 && at < chars.length - 1);
        const mayBreak = !isAfterSpace && this.#column > BEST_WIDTH && isInside && chars[at + 1] !== ' ';
        if (mayBreak) this.#writeIndent();
        else this.#put(char);
        isAfterSpace = true;
      } else if (isBreak(char)) {
        this.#break(char);
        this.#isIndentation = true;
        isAfterBreak = true;
      } else {
        if (isAfterBreak) this.#writeIndent();
        this.#put(char === quote ? "''" : char);
        this.#isIndentation = false;
        isAfterSpace = false;
        isAfterBreak = false;
      }
    }
  }

  #double(text: string, place: Place): void {
    this.#indicator('"');
    const chars = [...text];
    // Go looks for a byte order mark at the beginning alone, and then escapes all.
    const escapesAll = chars[0] === '\ufeff';
    let isAfterSpace = false;
    for (const [at, char] of chars.entries()) {
      if (char === ' ' && !escapesAll) {
        const isInside = at > 0 && at < chars.length - 1;
        if (place !== 'key' && !isAfterSpace && this.#column > BEST_WIDTH && isInside) {
          this.#writeIndent();
          if (chars[at + 1] === ' ') this.#put('\\');
        } else {
          this.#put(char);
        }
        isAfterSpace = true;
        continue;
      }
      this.#putChar(escapesAll || mustBeEscaped(char) ? escaped(char) : char);
      isAfterSpace = false;
    }
    this.#put('"');
    this.#isSpace = false;
    this.#isIndentation = false;
  }

  /** What is one column wide, whatever it takes in UTF-16, unless it is an escape. */
  #putChar(text: string): void {
    this.#parts.push(text);
    this.#column += text.startsWith('\\') ? text.length : 1;
  }

  #literal(text: string): void {
    const chars = [...text];
    this.#indicator('|');
    if (chars[0] === ' ' || isBreak(chars[0]!)) this.#put(String(INDENT));
    this.#put(chompingOf(chars));
    this.#break('\n');
    this.#isSpace = true;
    this.#isIndentation = true;
    let isAfterBreak = true;
    for (const char of chars) {
      if (isBreak(char)) {
        this.#break(char);
        this.#isIndentation = true;
        isAfterBreak = true;
      } else {
        if (isAfterBreak) this.#writeIndent();
        this.#putChar(char);
        this.#isIndentation = false;
        isAfterBreak = false;
      }
    }
  }
}

/** The root's own indent is none. */
const deeper = (indent: number, by: number): number => (indent < 0 ? 0 : indent + by);

const isSimple = (key: string): boolean =>
  !/[\n\r\x85\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= MAX_SIMPLE_KEY;

function plainText(value: unknown): string {
  const text = stringifyJSON(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return text;
  const isInteger = /^-?\d+$/.test(text) && BigInt(text) <= UINT64_MAX && BigInt(text) >= INT64_MIN;
  return isInteger ? text : formatFloat(Number(value));
}

/** What becomes of the line feeds at the end. */
function chompingOf(chars: readonly string[]): string {
  if (!isBreak(chars.at(-1)!)) return '-';
  return chars.length === 1 || isBreak(chars.at(-2)!) ? '+' : '';
}

const mustBeEscaped = (char: string): boolean =>
  char === '"' || char === '\\' || isBreak(char) || UNPRINTABLE.test(char);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\xa0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

function escaped(char: string): string {
  const short = ESCAPES.get(char);
  if (short !== undefined) return `\\${short}`;
  const code = char.codePointAt(0)!;
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(Number(width), '0')}`;
}
