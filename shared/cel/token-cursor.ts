import type { CompileIssue } from './error.ts';
import { startsExpression } from './expression-start.ts';
import { escapeText, type Token } from './lexer.ts';

export const MAX_DEPTH = 250;

/** Tokens that may follow a bracketed value. */
const OPERATORS = new Set('. [ * / % + - < <= > >= == != in && || ?'.split(' '));

/** Ends parsing; the issue is already recorded. */
export class Abort extends Error {}

/** A position in the token list, with the issues found so far. */
export class TokenCursor {
  readonly issues: CompileIssue[] = [];
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #at = 0;
  #depth = 0;
  /** Tokens that may end each of the enclosing expressions, innermost last. */
  readonly #ends: (readonly string[])[] = [];

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The source text from that token through the current one, including whitespace and comments. */
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

  /** Consumes and returns the current token. */
  next(): Token {
    const token = this.token;
    if (token.kind !== 'EOF') this.#at++;
    return token;
  }

  /** Consumes the current token if it is that symbol. */
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

  /** `isSkippable`: the token after this one would have been valid, so this one is extraneous. */
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

  /** Declares the tokens that may end the expression being parsed. */
  endedBy<T>(ends: readonly string[], parse: () => T): T {
    this.#ends.push(ends);
    const parsed = parse();
    this.#ends.pop();
    return parsed;
  }

  /** Consumes a closing bracket; reports it as missing if the current token could follow it. */
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

  /** `expecting`: the expected tokens, as listed in the error. */
  expectExpression(expecting: string): void {
    if (!startsExpression(this.token)) this.noExpression(expecting);
  }

  noExpression(expecting: string): never {
    this.unexpected(expecting, { isSkippable: startsExpression(this.peek(1)) });
  }

  /** Tracks the nesting depth of expressions. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      this.issues.push({ message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
      throw new Abort();
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Skips `count` tokens. */
  skip(count: number): void {
    this.#at += count;
  }
}
