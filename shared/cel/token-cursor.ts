import type { CompileIssue } from './error.ts';
import { escapeText, type Token } from './lexer.ts';

export const MAX_DEPTH = 250;

/** Ends the parse; its issue is already recorded. */
export class Abort extends Error {}

/** A place among the tokens, and what is wrong with those before it. */
export class TokenCursor {
  readonly issues: CompileIssue[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
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
