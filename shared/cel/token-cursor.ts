import type { CompileIssue } from './error.ts';
import { startsExpression } from './expression-start.ts';
import { escapeText, type Token } from './lexer.ts';

export const MAX_DEPTH = 250;

/** What may follow a value in brackets. */
const OPERATORS = new Set('. [ * / % + - < <= > >= == != in && || ?'.split(' '));

/** Ends the parse; its issue is already recorded. */
export class Abort extends Error {}

/** A place among the tokens, and what is wrong with those before it. */
export class TokenCursor {
  readonly issues: CompileIssue[] = [];
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #at = 0;
  #depth = 0;
  /** What may end each of the expressions that stand around the token, the innermost last. */
  readonly #ends: (readonly string[])[] = [];

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** What is written from that token to this one, blanks and comments included. */
  textFrom({ pos, text }: Token): string {
    const { kind, pos: end, text: last } = this.token;
    return kind === 'EOF' ? text : this.#source.slice(pos, end + last.length);
  }

  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  is(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol;
  }

  /** The token, left behind. */
  next(): Token {
    const token = this.token;
    if (token.kind !== 'EOF') this.#at++;
    return token;
  }

  /** As `next` if it is that symbol. */
  accept(symbol: string): Token | undefined {
    return this.is(symbol) ? this.next() : undefined;
  }

  report(message: string, pos: number): void {
    this.issues.push({ message, pos });
  }

  abort(message: string, pos: number): never {
    this.report(message, pos);
    throw new Abort();
  }

  /** `isSkippable`: what follows the token would have been right, so it is one too many. */
  unexpected(expecting: string, { isSkippable = false }: { readonly isSkippable?: boolean } = {}): never {
    const text = escapeText(this.token.text);
    const kind = isSkippable ? 'extraneous' : 'mismatched';
    this.abort(`Syntax error: ${kind} input '${text}' expecting ${expecting}`, this.token.pos);
  }

  expect(symbol: string, expecting: string): Token {
    const token = this.accept(symbol);
    if (token !== undefined) return token;
    const next = this.peek(1);
    this.unexpected(expecting, { isSkippable: next.kind === 'symbol' && next.text === symbol });
  }

  /** What may end an expression, while it is parsed. */
  endedBy<T>(ends: readonly string[], parse: () => T): T {
    this.#ends.push(ends);
    const parsed = parse();
    this.#ends.pop();
    return parsed;
  }

  /** Leaves a closing bracket behind; it is missing where the token is what would follow it. */
  close(symbol: string): void {
    if (this.accept(symbol) !== undefined) return;
    const { kind, text, pos } = this.token;
    const ends = this.#ends.at(-1) ?? [];
    const isNext = this.peek(1).kind === 'symbol' && this.peek(1).text === symbol;
    const follows = kind === 'symbol' && (ends.includes(text) || (!isNext && OPERATORS.has(text)));
    if (kind === 'EOF' ? ends.length === 0 : follows) {
      this.abort(`Syntax error: missing '${symbol}' at '${escapeText(text)}'`, pos);
    }
    this.expect(symbol, `'${symbol}'`);
  }

  /** `expecting`: what may stand here, as the error lists it. */
  expectExpression(expecting: string): void {
    if (!startsExpression(this.token)) this.noExpression(expecting);
  }

  noExpression(expecting: string): never {
    this.unexpected(expecting, { isSkippable: startsExpression(this.peek(1)) });
  }

  /** Counts how deep expressions stand in each other. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      this.issues.push({ message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
      throw new Abort();
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Leaves so many tokens behind. */
  skip(count: number): void {
    this.#at += count;
  }
}
