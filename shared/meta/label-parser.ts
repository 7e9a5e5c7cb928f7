/** The label selector language (apimachinery `pkg/labels/selector.go`, `Lexer` and `Parser`). */

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

const TOKENS: ReadonlySet<string> = new Set<Token>([
  ')',
  ',',
  '!',
  '==',
  '=',
  '>',
  'in',
  '<',
  '!=',
  'notin',
  '(',
]);
const SPECIAL = '=!(),><';
const WHITESPACE = ' \t\r\n';
const END: ScannedItem = { token: 'end', literal: '' };

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

/** The longest operator that begins at `start`; upstream's scanner accepts a prefix of what it reads. */
function scanSpecial(text: string, start: number): { item: ScannedItem; end: number } {
  let last: ScannedItem | undefined;
  let end = start;
  while (end < text.length && SPECIAL.includes(text[end]!)) {
    const literal = text.slice(start, end + 1);
    if (TOKENS.has(literal)) last = { token: literal as Token, literal };
    else if (last !== undefined) break;
    end++;
  }
  const scanned = text.slice(start, end);
  const item = last ?? { token: 'error' as const, literal: `error expected: keyword found '${scanned}'` };
  return { item, end };
}

function scan(text: string): ScannedItem[] {
  const items: ScannedItem[] = [];
  let position = 0;
  while (position < text.length && text[position] !== '\0') {
    const char = text[position]!;
    if (WHITESPACE.includes(char)) {
      position++;
    } else if (SPECIAL.includes(char)) {
      const { item, end } = scanSpecial(text, position);
      items.push(item);
      position = end;
    } else {
      const start = position;
      while (position < text.length && !`${SPECIAL}${WHITESPACE}\0`.includes(text[position]!)) position++;
      const literal = text.slice(start, position);
      items.push({ token: TOKENS.has(literal) ? (literal as Token) : 'identifier', literal });
    }
  }
  return [...items, END];
}

class Parser {
  readonly #items: readonly ScannedItem[];
  #position = 0;

  constructor(text: string) {
    this.#items = scan(text);
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

  /** `in` and `notin` are operators only where one is expected. */
  #asValue(item: ScannedItem): ScannedItem {
    return item.token === 'in' || item.token === 'notin' ? { ...item, token: 'identifier' } : item;
  }

  #lookahead(): ScannedItem {
    return this.#asValue(this.#items[this.#position] ?? END);
  }

  #consumeRaw(): ScannedItem {
    return this.#items[this.#position++] ?? END;
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
    let item = this.#consume();
    const negated = item.token === '!';
    if (negated) item = this.#consume();
    if (item.token !== 'identifier') {
      throw new SelectorError(`found '${item.literal}', expected: identifier`);
    }
    const errors = isQualifiedName(item.literal);
    if (errors.length > 0) {
      // A selector in a query has no path, and upstream prints that as Go prints nil.
      throw new SelectorError(formatFieldError(invalid('<nil>', item.literal, errors.join('; '))));
    }
    if (negated) return { key: item.literal, operator: '!' };
    const { token } = this.#lookahead();
    const exists = token === 'end' || token === ',';
    return { key: item.literal, operator: exists ? 'exists' : undefined };
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
    const item = this.#consume();
    if (item.token === 'identifier') return new Set([item.literal]);
    throw new SelectorError(`found '${item.literal}', expected: identifier`);
  }
}

/** In the order in which they are written. Throws `SelectorError`. */
export function parseLabelRequirements(text: string): LabelRequirement[] {
  return new Parser(text).parse();
}
