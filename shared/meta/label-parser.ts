/** Parser of label selectors (apimachinery `pkg/labels/selector.go`, `Lexer` and `Parser`). */

import { formatFieldError, invalid } from './field-error.ts';
import { type LabelOperator, LabelRequirement } from './label-requirement.ts';
import { SelectorError } from './selector-error.ts';
import { isQualifiedName } from './validation/names.ts';

type Token =
  | 'error'
  | 'end'
  | 'identifier'
  | ')'
  | ','
  | '!'
  | '=='
  | '='
  | '>'
  | 'in'
  | '<'
  | '!='
  | 'notin'
  | '(';

interface ScannedItem {
  readonly token: Token;
  readonly literal: string;
}

const item = (token: Token, literal: string = token): ScannedItem => ({ token, literal });
const KNOWN: ReadonlyMap<string, ScannedItem> = new Map(
  ([')', ',', '!', '==', '=', '>', 'in', '<', '!=', 'notin', '('] as const).map((token) => [
    token,
    item(token),
  ]),
);
const SPECIAL = '=!(),><';
const WHITESPACE = ' \t\r\n';
const WORD = /[^=!(),>< \t\r\n\0]+/y;
const END = item('end', '');

const OPERATORS: ReadonlyMap<Token, LabelOperator> = new Map<Token, LabelOperator>([
  ['in', 'in'],
  ['=', '='],
  ['==', '=='],
  ['>', 'gt'],
  ['<', 'lt'],
  ['notin', 'notin'],
  ['!=', '!='],
]);
const EXPECTED_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** Scans lazily, so that a selector of tens of thousands of terms produces no garbage. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): ScannedItem {
    const text = this.#text;
    while (WHITESPACE.includes(text.charAt(this.#position)) && this.#position < text.length) this.#position++;
    if (this.#position >= text.length || text[this.#position] === '\0') return END;
    if (SPECIAL.includes(text[this.#position]!)) return this.#special();
    WORD.lastIndex = this.#position;
    const [literal] = WORD.exec(text)!;
    this.#position += literal.length;
    return KNOWN.get(literal) ?? item('identifier', literal);
  }

  /** The longest operator at the current position, as in upstream's scanner. */
  #special(): ScannedItem {
    const text = this.#text;
    const start = this.#position;
    let last: ScannedItem | undefined;
    while (this.#position < text.length && SPECIAL.includes(text[this.#position]!)) {
      const known = KNOWN.get(text.slice(start, this.#position + 1));
      if (known !== undefined) last = known;
      else if (last !== undefined) break;
      this.#position++;
    }
    return last ?? item('error', `error expected: keyword found '${text.slice(start, this.#position)}'`);
  }
}

class Parser {
  readonly #scanner: Scanner;
  /** Lookahead. */
  #ahead: ScannedItem | undefined;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { token, literal } = this.#lookahead();
      if (token === 'end') return requirements;
      if (token !== 'identifier' && token !== '!') {
        throw new SelectorError(`found '${literal}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#wrapped(() => this.#requirement()));
      const separator = this.#consume();
      if (separator.token === 'end') return requirements;
      if (separator.token !== ',') {
        throw new SelectorError(`found '${separator.literal}', expected: ',' or 'end of string'`);
      }
      const next = this.#lookahead();
      if (next.token !== 'identifier' && next.token !== '!') {
        throw new SelectorError(`found '${next.literal}', expected: identifier after ','`);
      }
    }
  }

  #wrapped(read: () => LabelRequirement): LabelRequirement {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  /** `in` and `notin` are operators only where an operator is expected. */
  #asValue(scanned: ScannedItem): ScannedItem {
    const { token, literal } = scanned;
    return token === 'in' || token === 'notin' ? item('identifier', literal) : scanned;
  }

  #lookahead(): ScannedItem {
    this.#ahead ??= this.#scanner.next();
    return this.#asValue(this.#ahead);
  }

  #consumeRaw(): ScannedItem {
    const scanned = this.#ahead ?? this.#scanner.next();
    this.#ahead = undefined;
    return scanned;
  }

  #consume(): ScannedItem {
    return this.#asValue(this.#consumeRaw());
  }

  #requirement(): LabelRequirement {
    const { key, operator: unary } = this.#key();
    if (unary !== undefined) return LabelRequirement.of(key, unary, []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : this.#exactValue();
    return LabelRequirement.of(key, operator, [...values].sort());
  }

  #key(): { key: string; operator: 'exists' | '!' | undefined } {
    let { token, literal: key } = this.#consume();
    const negated = token === '!';
    if (negated) ({ token, literal: key } = this.#consume());
    if (token !== 'identifier') throw new SelectorError(`found '${key}', expected: identifier`);
    const errors = isQualifiedName(key);
    if (errors.length > 0) {
      // A selector in a query has no path, which upstream prints as Go's nil.
      throw new SelectorError(formatFieldError(invalid('<nil>', key, errors.join('; '))));
    }
    if (negated) return { key, operator: '!' };
    const { token: next } = this.#lookahead();
    return { key, operator: next === 'end' || next === ',' ? 'exists' : undefined };
  }

  #operator(): LabelOperator {
    const { token, literal } = this.#consumeRaw();
    const operator = OPERATORS.get(token);
    if (operator === undefined) {
      throw new SelectorError(`found '${literal}', expected: ${EXPECTED_OPERATORS}`);
    }
    return operator;
  }

  #values(): Set<string> {
    const open = this.#consume();
    if (open.token !== '(') throw new SelectorError(`found '${open.literal}' expected: '('`);
    const first = this.#lookahead();
    if (first.token === ')') {
      this.#consume();
      return new Set(['']);
    }
    if (first.token !== 'identifier' && first.token !== ',') {
      throw new SelectorError(`found '${first.literal}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    if (this.#consume().token !== ')') {
      throw new SelectorError(`found '${first.literal}', expected: ')'`);
    }
    return values;
  }

  #identifiers(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const { token, literal } = this.#consume();
      const next = this.#lookahead();
      if (token === 'identifier') {
        values.add(literal);
        if (next.token === ')') return values;
        if (next.token !== ',') throw new SelectorError(`found '${next.literal}', expected: ',' or ')'`);
      } else if (token === ',') {
        if (values.size === 0) values.add('');
        if (next.token === ')' || next.token === ',') values.add('');
        if (next.token === ')') return values;
      } else {
        throw new SelectorError(`found '${literal}', expected: ',', or identifier`);
      }
    }
  }

  #exactValue(): Set<string> {
    const { token } = this.#lookahead();
    if (token === 'end' || token === ',') return new Set(['']);
    const value = this.#consume();
    if (value.token === 'identifier') return new Set([value.literal]);
    throw new SelectorError(`found '${value.literal}', expected: identifier`);
  }
}

/** In source order. Throws `SelectorError`. */
export function parseLabelRequirements(text: string): LabelRequirement[] {
  return new Parser(text).parse();
}
