/**
 * Parses source text to a syntax tree, by cel-go's grammar
 * (https://github.com/google/cel-go/blob/master/parser/gen/CEL.g4).
 */

import { type Expr, type MapEntry, OPERATOR, type StructField } from './ast.ts';
import type { CompileIssue } from './error.ts';
import {
  ARGUMENTS_START,
  EXPRESSION_START,
  INDEX_START,
  LIST_START,
  MAP_START,
  startsExpression,
} from './expression-start.ts';
import { escapeText, type Token, tokenize } from './lexer.ts';
import { literalValue } from './literal-value.ts';
import { type Macro, MacroError } from './macro.ts';
import { Abort, MAX_DEPTH, TokenCursor } from './token-cursor.ts';

export interface ParserOptions {
  readonly macros: readonly Macro[];
  readonly optionalSyntax: boolean;
}

export interface Parsed {
  /** Undefined if there are issues. */
  readonly expr?: Expr | undefined;
  readonly issues: readonly CompileIssue[];
}

const MAX_CODE_POINTS = 100_000;

const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

const RELATIONS: Readonly<Record<string, string>> = {
  '<': OPERATOR.less,
  '<=': OPERATOR.lessEquals,
  '>': OPERATOR.greater,
  '>=': OPERATOR.greaterEquals,
  '==': OPERATOR.equals,
  '!=': OPERATOR.notEquals,
  in: OPERATOR.in,
};
const SUMS: Readonly<Record<string, string>> = { '+': OPERATOR.add, '-': OPERATOR.subtract };
const PRODUCTS: Readonly<Record<string, string>> = {
  '*': OPERATOR.multiply,
  '/': OPERATOR.divide,
  '%': OPERATOR.modulo,
};

/** Parses an expression and expands its macros. */
export function parse(source: string, options: ParserOptions): Parsed {
  const size = [...source].length;
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`;
    return { issues: [{ message }] };
  }
  const { tokens, issues } = tokenize(source);
  const cursor = new TokenCursor(tokens, source);
  const expr = new Parser(cursor, options).parse();
  const all = [
    ...issues.map(({ message, pos }) => ({ message: `Syntax error: ${message}`, pos })),
    ...cursor.issues,
  ];
  return all.length === 0 ? { expr, issues: [] } : { issues: all };
}

class Parser {
  readonly #cursor: TokenCursor;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #optionalSyntax: boolean;

  constructor(cursor: TokenCursor, options: ParserOptions) {
    this.#cursor = cursor;
    this.#optionalSyntax = options.optionalSyntax;
    this.#macros = new Map(
      options.macros.map((macro) => [macroKey(macro.name, macro.argCount, macro.receiver), macro]),
    );
  }

  parse(): Expr | undefined {
    try {
      const expr = this.#expression();
      if (this.#cursor.token.kind !== 'EOF')
        this.#cursor.unexpected('<EOF>', { isSkippable: this.#cursor.peek(1).kind === 'EOF' });
      return expr;
    } catch (error) {
      if (error instanceof Abort) return undefined;
      throw error;
    }
  }

  #expression(): Expr {
    return this.#cursor.nested(() => {
      const condition = this.#logical('||', OPERATOR.or, () =>
        this.#logical('&&', OPERATOR.and, () => this.#relation()),
      );
      const question = this.#cursor.accept('?');
      if (question === undefined) return condition;
      const then = this.#cursor.endedBy([':'], () =>
        this.#logical('||', OPERATOR.or, () => this.#logical('&&', OPERATOR.and, () => this.#relation())),
      );
      this.#cursor.expect(':', "':'");
      const otherwise = this.#expression();
      return this.#call(question.pos, OPERATOR.conditional, [condition, then, otherwise]);
    });
  }

  /** Balances a chain of one logical operator, so that long chains don't nest deeply. */
  #logical(symbol: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const positions: number[] = [];
    for (let token = this.#cursor.accept(symbol); token !== undefined; token = this.#cursor.accept(symbol)) {
      positions.push(token.pos);
      terms.push(operand());
    }
    const balance = (low: number, high: number): Expr => {
      const middle = (low + high + 1) >> 1;
      const left = middle === low ? terms[middle]! : balance(low, middle - 1);
      const right = middle === high ? terms[middle + 1]! : balance(middle + 1, high);
      return { kind: 'call', pos: positions[middle]!, function: name, args: [left, right] };
    };
    return positions.length === 0 ? terms[0]! : balance(0, positions.length - 1);
  }

  #binary(operators: Readonly<Record<string, string>>, operand: () => Expr): Expr {
    let left = operand();
    while (this.#cursor.token.kind === 'symbol' && Object.hasOwn(operators, this.#cursor.token.text)) {
      const token = this.#cursor.next();
      left = this.#call(token.pos, operators[token.text]!, [left, operand()]);
    }
    return left;
  }

  #relation(): Expr {
    return this.#binary(RELATIONS, () =>
      this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary())),
    );
  }

  #unary(): Expr {
    const symbol = this.#cursor.is('!')
      ? '!'
      : this.#cursor.is('-') && !isNumber(this.#cursor.peek(1))
        ? '-'
        : undefined;
    if (symbol === undefined) return this.#member();
    const { pos } = this.#cursor.token;
    let count = 0;
    while (this.#cursor.is(symbol) && !(symbol === '-' && isNumber(this.#cursor.peek(1)))) {
      this.#cursor.next();
      count++;
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#call(pos, symbol === '!' ? OPERATOR.not : OPERATOR.negate, [operand]);
  }

  #member(): Expr {
    let expr = this.#primary();
    let links = 0;
    for (;;) {
      const dot = this.#cursor.accept('.');
      const bracket = dot === undefined ? this.#cursor.accept('[') : undefined;
      if (dot === undefined && bracket === undefined) return expr;
      if (++links > MAX_DEPTH) this.#cursor.abort(`expression recursion limit exceeded: ${MAX_DEPTH}`, 0);
      expr = dot === undefined ? this.#index(expr, bracket!) : this.#selection(expr, dot);
    }
  }

  #index(operand: Expr, bracket: Token): Expr {
    const optional = this.#optionalMark("unsupported syntax '[?'");
    if (!optional) this.#cursor.expectExpression(INDEX_START);
    const index = this.#cursor.endedBy([']'], () => this.#expression());
    this.#cursor.close(']');
    return this.#call(bracket.pos, optional ? OPERATOR.optIndex : OPERATOR.index, [operand, index]);
  }

  #selection(operand: Expr, dot: Token): Expr {
    const optional = this.#optionalMark("unsupported syntax '.?'");
    const name = this.#cursor.token;
    if (name.kind !== 'IDENTIFIER' && name.kind !== 'ESC_IDENTIFIER') this.#missingField(dot, optional);
    this.#cursor.next();
    const open = !optional && name.kind === 'IDENTIFIER' ? this.#cursor.accept('(') : undefined;
    if (open !== undefined) {
      const args = this.#arguments();
      return this.#call(open.pos, name.text, args, operand);
    }
    const field = fieldName(name);
    if (!optional) return { kind: 'select', pos: dot.pos, operand, field, testOnly: false };
    const fieldExpr: Expr = { kind: 'literal', pos: name.pos, value: field };
    return { kind: 'call', pos: dot.pos, function: OPERATOR.optSelect, args: [operand, fieldExpr] };
  }

  #missingField(dot: Token, optional: boolean): never {
    const { text, pos, kind } = this.#cursor.token;
    if (kind === 'symbol' && /^(true|false|null)$/.test(text)) {
      this.#cursor.abort(`Syntax error: mismatched input '${text}' expecting IDENTIFIER`, pos);
    }
    if (optional) this.#cursor.unexpected('{IDENTIFIER, ESC_IDENTIFIER}');
    const input = escapeText(this.#cursor.textFrom(dot));
    this.#cursor.abort(`Syntax error: no viable alternative at input '${input}'`, pos);
  }

  #optionalMark(unsupported: string): boolean {
    const mark = this.#cursor.accept('?');
    if (mark !== undefined && !this.#optionalSyntax) this.#cursor.abort(unsupported, mark.pos);
    return mark !== undefined;
  }

  #arguments(): Expr[] {
    const args: Expr[] = [];
    if (this.#cursor.accept(')') !== undefined) return args;
    this.#cursor.expectExpression(ARGUMENTS_START);
    do {
      args.push(this.#cursor.endedBy([')', ','], () => this.#expression()));
    } while (this.#cursor.accept(',') !== undefined);
    this.#cursor.close(')');
    return args;
  }

  #primary(): Expr {
    const token = this.#cursor.token;
    switch (token.kind) {
      case 'NUM_INT':
      case 'NUM_UINT':
      case 'NUM_FLOAT':
      case 'STRING':
      case 'BYTES':
        return this.#literal(this.#cursor.next(), '');
      case 'IDENTIFIER':
        return this.#name(undefined);
      case 'symbol':
        return this.#symbolPrimary(token);
      default:
        this.#cursor.unexpected(EXPRESSION_START);
    }
  }

  #symbolPrimary(token: Token): Expr {
    switch (token.text) {
      case '-':
        this.#cursor.next();
        return this.#literal(this.#cursor.next(), '-', token.pos);
      case '.':
        this.#cursor.next();
        if (this.#cursor.token.kind !== 'IDENTIFIER') this.#cursor.unexpected('IDENTIFIER');
        return this.#name(token);
      case '(': {
        this.#cursor.next();
        const expr = this.#cursor.endedBy([')'], () => this.#expression());
        this.#cursor.close(')');
        return expr;
      }
      case '[':
        return this.#list();
      case '{':
        return this.#map();
      case 'true':
      case 'false':
        this.#cursor.next();
        return { kind: 'literal', pos: token.pos, value: token.text === 'true' };
      case 'null':
        this.#cursor.next();
        return { kind: 'literal', pos: token.pos, value: null };
      default:
        this.#cursor.noExpression(EXPRESSION_START);
    }
  }

  /** An identifier, a function call, or a message literal. */
  #name(leadingDot: Token | undefined): Expr {
    const dotted = this.#messageName();
    if (dotted !== undefined) return this.#message(leadingDot === undefined ? dotted : `.${dotted}`);
    const token = this.#cursor.next();
    const name = leadingDot === undefined ? token.text : `.${token.text}`;
    const pos = leadingDot?.pos ?? token.pos;
    if (RESERVED.has(token.text)) {
      this.#cursor.report(`reserved identifier: ${token.text}`, pos);
    }
    const open = this.#cursor.accept('(');
    if (open === undefined) return { kind: 'ident', pos: token.pos, name };
    return this.#call(open.pos, name, this.#arguments());
  }

  /** If `name.of.type{` follows, consumes it up to the brace and returns the name. */
  #messageName(): string | undefined {
    let ahead = 1;
    const names = [this.#cursor.token.text];
    while (this.#cursor.peek(ahead).text === '.' && this.#cursor.peek(ahead + 1).kind === 'IDENTIFIER') {
      names.push(this.#cursor.peek(ahead + 1).text);
      ahead += 2;
    }
    if (this.#cursor.peek(ahead).kind !== 'symbol' || this.#cursor.peek(ahead).text !== '{') return undefined;
    this.#cursor.skip(ahead);
    return names.join('.');
  }

  #message(typeName: string): Expr {
    const open = this.#cursor.next();
    const fields: StructField[] = [];
    this.#sequence(
      '}',
      ({ kind }) => kind === 'IDENTIFIER' || kind === 'ESC_IDENTIFIER',
      () => {
        const optional = this.#optionalMark("unsupported syntax '?'");
        const name = this.#cursor.token;
        if (name.kind !== 'IDENTIFIER' && name.kind !== 'ESC_IDENTIFIER') {
          this.#cursor.unexpected("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}");
        }
        this.#cursor.next();
        const colon = this.#cursor.expect(':', "':'");
        const value = this.#cursor.endedBy(['}', ','], () => this.#expression());
        fields.push({ pos: colon.pos, name: fieldName(name), value, optional });
      },
    );
    return { kind: 'struct', pos: open.pos, typeName, fields };
  }

  #list(): Expr {
    const open = this.#cursor.next();
    const elements: Expr[] = [];
    const optionalIndices: number[] = [];
    this.#sequence(']', startsExpression, () => {
      if (this.#optionalMark("unsupported syntax '?'")) optionalIndices.push(elements.length);
      else if (elements.length === 0) this.#cursor.expectExpression(LIST_START);
      elements.push(this.#cursor.endedBy([']', ','], () => this.#expression()));
    });
    return { kind: 'list', pos: open.pos, elements, optionalIndices };
  }

  #map(): Expr {
    const open = this.#cursor.next();
    const entries: MapEntry[] = [];
    this.#sequence('}', startsExpression, () => {
      const optional = this.#optionalMark("unsupported syntax '?'");
      if (!optional && entries.length === 0) this.#cursor.expectExpression(MAP_START);
      const key = this.#cursor.endedBy([':'], () => this.#expression());
      const colon = this.#cursor.expect(':', "':'");
      const value = this.#cursor.endedBy(['}', ','], () => this.#expression());
      entries.push({ pos: colon.pos, key, value, optional });
    });
    return { kind: 'map', pos: open.pos, entries };
  }

  /** Parses elements separated by commas up to a closing bracket; a trailing comma is allowed. */
  #sequence(end: string, starts: (token: Token) => boolean, element: () => void): void {
    if (this.#cursor.accept(end) !== undefined) return;
    let goesOn = !this.#cursor.is(',');
    do {
      if (goesOn) element();
      if (this.#cursor.accept(',') === undefined) {
        this.#cursor.expect(end, `{'${end}', ','}`);
        return;
      }
      goesOn &&= this.#cursor.is('?') || starts(this.#cursor.token);
    } while (goesOn);
    this.#cursor.close(end);
  }

  #literal(token: Token, sign: '' | '-', pos = token.pos): Expr {
    return {
      kind: 'literal',
      pos,
      value: literalValue(token, sign, (message) => this.#cursor.report(message, pos)),
    };
  }

  #call(pos: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    if (macro === undefined) return { kind: 'call', pos, function: name, target, args };
    try {
      return macro.expand({ target, args, pos });
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.#cursor.report(error.message, error.pos);
      return { kind: 'literal', pos, value: null };
    }
  }
}

const fieldName = ({ kind, text }: Token): string => (kind === 'ESC_IDENTIFIER' ? text.slice(1, -1) : text);

function macroKey(name: string, argCount: number, receiver: boolean): string {
  return `${name}:${argCount}:${receiver}`;
}

function isNumber(token: Token): boolean {
  return token.kind === 'NUM_INT' || token.kind === 'NUM_FLOAT';
}
