/** Encodes values as YAML with the same bytes as `sigs.k8s.io/yaml` (go.yaml.in/yaml/v2: encode.go, emitterc.go). */

import { atOnce, inPieces, type Pieces, shouldYield } from '../../../util/breathe.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { sortInPieces } from '../../../util/sort-in-pieces.ts';
import { formatFloat } from '../../go-format.ts';
import { byNaturalOrder } from './natural-order.ts';
import { type Place, type ScalarStyle, scalarStyle, UNPRINTABLE } from './scalar-style.ts';

/** Accepts JSON values and bigints; undefined members are omitted. */
export const writeYAML = (value: unknown): string => atOnce(new YAMLWriter().write(value));

/** The same text as `writeYAML`, yielding to the event loop. */
export const writeYAMLInPieces = async (value: unknown): Promise<string> =>
  inPieces(new YAMLWriter().write(value));

/** Column after which a line is broken at the next space. */
const BEST_WIDTH = 80;
const INDENT = 2;
/** Maximum bytes of a key on the same line as its value. */
const MAX_SIMPLE_KEY = 128;
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

const isBreak = (token: string): boolean => BREAK.test(token);

const BREAK = /^[\n\r\x85\u2028\u2029]$/;
const SEPARATORS = /[\u2028\u2029]/;
const SURROGATES = /[\ud800-\udfff]/;
/** Splits a text at possible line breaks, into parts short enough to be written synchronously. */
const WORDS_AND_LINES = / |[\n\r\x85\u2028\u2029]|[^ \n\r\x85\u2028\u2029]{1,10000}/gu;
const WORDS = / |[^ ]{1,10000}/gu;
const LINES = /[\n\r\x85\u2028\u2029]|[^\n\r\x85\u2028\u2029]{1,10000}/gu;
const ESCAPED = new RegExp(`["\\\\\n\r\x85\u2028\u2029]|${UNPRINTABLE.source}`, 'gu');
const NOTHING: readonly [] = [];
/** Number of parts that are joined at once. */
const MANY_PARTS = 10_000;

class YAMLWriter {
  readonly #written: string[] = [];
  #parts: string[] = [];
  #column = 0;
  #indent = -1;
  /** Whether the last character written is white space. */
  #isSpace = true;
  /** Whether the current line so far consists of block indicators only. */
  #isIndentation = true;

  *write(value: unknown): Pieces<string> {
    yield* this.#node(value, 'element');
    this.#indent = 0;
    this.#writeIndent();
    return this.#written.join('') + this.#parts.join('');
  }

  *#node(value: unknown, place: Place): Pieces<void> {
    if (shouldYield()) yield;
    if (typeof value === 'string') return yield* this.#string(value, place) ?? NOTHING;
    if (typeof value !== 'object' || value === null) return this.#oneLine(plainText(value), '');
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
      yield* this.#string(key, 'key') ?? NOTHING;
      this.#put(':');
    } else {
      this.#indicator('?', { ofBlock: true });
      yield* this.#string(key, 'element') ?? NOTHING;
      this.#writeIndent();
      this.#indicator(':', { ofBlock: true });
    }
    yield* this.#node(value, 'member');
  }

  #put(text: string): void {
    if (this.#parts.length >= MANY_PARTS) {
      this.#written.push(this.#parts.join(''));
      this.#parts = [];
    }
    this.#parts.push(text);
    this.#column += text.length;
  }

  #indicator(text: string, { ofBlock = false } = {}): void {
    this.#put(this.#isSpace ? text : ` ${text}`);
    this.#isSpace = false;
    this.#isIndentation &&= ofBlock;
  }

  /** Advances to the column of the indentation, on a new line unless the current one only has indicators. */
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

  /** Undefined if it completed synchronously. */
  #string(text: string, place: Place): Pieces<void> | undefined {
    const style = scalarStyle(text, place);
    const quote = style === 'single' ? "'" : '';
    const isFlow = style === 'plain' || style === 'single';
    // Long texts must not be scanned in one go.
    if (!isFlow || (place !== 'key' && text.length > BEST_WIDTH)) return this.#lines(text, style, place);
    const shown = quoted(text, quote);
    const fits = place === 'key' || this.#column + 2 + shown.length <= BEST_WIDTH;
    if (!fits || SEPARATORS.test(text)) return this.#lines(text, style, place);
    this.#oneLine(shown, quote);
    return undefined;
  }

  *#lines(text: string, style: ScalarStyle, place: Place): Pieces<void> {
    const outer = this.#indent;
    this.#indent = deeper(outer, INDENT);
    if (style === 'literal') yield* this.#literal(text);
    else if (style === 'double') yield* this.#double(text, place);
    else yield* this.#flow(text, style === 'single' ? "'" : '');
    this.#indent = outer;
  }

  #oneLine(shown: string, quote: string): void {
    this.#indicator(quote);
    this.#put(shown);
    this.#put(quote);
    this.#isSpace = false;
    this.#isIndentation = false;
  }

  /** A plain or single-quoted string, over several lines if it is long. */
  *#flow(text: string, quote: string): Pieces<void> {
    this.#indicator(quote);
    const shown = text.length <= BEST_WIDTH ? quoted(text, quote) : undefined;
    const isOneLine = shown !== undefined && this.#column + shown.length <= BEST_WIDTH;
    if (isOneLine && !SEPARATORS.test(text)) this.#put(shown);
    else yield* this.#flowLines(text, quote);
    this.#put(quote);
    this.#isSpace = false;
    this.#isIndentation = false;
  }

  *#flowLines(text: string, quote: string): Pieces<void> {
    let isAfterSpace = false;
    let isAfterBreak = false;
    for (const { 0: token, index: at } of text.matchAll(WORDS_AND_LINES)) {
      if (shouldYield()) yield;
      if (token === ' ') {
        const isInside = quote === '' || (at > 0 && at < text.length - 1);
        const mayBreak = !isAfterSpace && this.#column > BEST_WIDTH && isInside && text[at + 1] !== ' ';
        if (mayBreak) this.#writeIndent();
        else this.#put(token);
        isAfterSpace = true;
      } else if (isBreak(token)) {
        this.#break(token);
        this.#isIndentation = true;
        isAfterBreak = true;
      } else {
        if (isAfterBreak) this.#writeIndent();
        this.#put(quoted(token, quote));
        this.#isIndentation = false;
        isAfterSpace = false;
        isAfterBreak = false;
      }
    }
  }

  *#double(text: string, place: Place): Pieces<void> {
    this.#indicator('"');
    // Go checks for a byte order mark at the beginning only, and then escapes everything.
    const escapesAll = text.startsWith('\ufeff');
    let isAfterSpace = false;
    for (const { 0: token, index: at } of text.matchAll(WORDS)) {
      if (shouldYield()) yield;
      if (token === ' ' && !escapesAll) {
        const isInside = at > 0 && at < text.length - 1;
        if (place !== 'key' && !isAfterSpace && this.#column > BEST_WIDTH && isInside) {
          this.#writeIndent();
          if (text[at + 1] === ' ') this.#put('\\');
        } else {
          this.#put(token);
        }
        isAfterSpace = true;
        continue;
      }
      this.#putChars(escapesAll ? [...token].map(escaped).join('') : token.replace(ESCAPED, escaped));
      isAfterSpace = false;
    }
    this.#put('"');
    this.#isSpace = false;
    this.#isIndentation = false;
  }

  /** Each character is one column wide, regardless of its UTF-16 length. */
  #putChars(text: string): void {
    this.#put(text);
    if (SURROGATES.test(text)) this.#column -= text.length - [...text].length;
  }

  *#literal(text: string): Pieces<void> {
    this.#indicator('|');
    if (text[0] === ' ' || isBreak(text[0]!)) this.#put(String(INDENT));
    this.#put(chompingOf(text));
    this.#break('\n');
    this.#isSpace = true;
    this.#isIndentation = true;
    let isAfterBreak = true;
    for (const [token] of text.matchAll(LINES)) {
      if (shouldYield()) yield;
      if (isBreak(token)) {
        this.#break(token);
        this.#isIndentation = true;
        isAfterBreak = true;
      } else {
        if (isAfterBreak) this.#writeIndent();
        this.#put(token);
        this.#isIndentation = false;
        isAfterBreak = false;
      }
    }
  }
}

const quoted = (text: string, quote: string): string => (quote === '' ? text : text.replaceAll("'", "''"));

/** The root has no indentation of its own. */
const deeper = (indent: number, by: number): number => (indent < 0 ? 0 : indent + by);

const isSimple = (key: string): boolean =>
  !/[\n\r\x85\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= MAX_SIMPLE_KEY;

function plainText(value: unknown): string {
  const text = stringifyJSON(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return text;
  const isInteger = /^-?\d+$/.test(text) && BigInt(text) <= UINT64_MAX && BigInt(text) >= INT64_MIN;
  return isInteger ? text : formatFloat(Number(value));
}

/** The chomping indicator for trailing line feeds. */
function chompingOf(text: string): string {
  if (!isBreak(text.at(-1)!)) return '-';
  return text.length === 1 || isBreak(text.at(-2)!) ? '+' : '';
}

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
