/**
 * Label selectors: `app=web,tier in (a,b),!legacy`
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/labels/selector.go).
 */

import { aggregateFieldErrors, type FieldError, invalid, notSupported } from './field-error.ts';
import { isQualifiedName, isValidLabelValue } from './validation/names.ts';

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted. */
  readonly values: readonly string[];
}

/** All requirements must hold; none: everything matches. Sorted by key when parsed. */
export type LabelSelector = readonly LabelRequirement[];

/** The selector can't be read; the message is upstream's. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

const OPERATORS: readonly string[] = ['in', 'notin', '=', '==', '!=', 'gt', 'lt', 'exists', '!'];

type TokenType =
  | 'identifier'
  | 'end'
  | '('
  | ')'
  | ','
  | '!'
  | '='
  | '=='
  | '!='
  | '>'
  | '<'
  | 'in'
  | 'notin'
  | 'error';
interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const SYMBOLS = new Set(['=', '!', '(', ')', ',', '>', '<']);
const SYMBOL_TOKENS: readonly string[] = ['(', ')', ',', '!', '=', '==', '!=', '>', '<'];
const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (isSpace(char)) {
      at++;
      continue;
    }
    const start = at;
    if (!SYMBOLS.has(char)) {
      while (at < text.length && !SYMBOLS.has(text[at]!) && !isSpace(text[at]!)) at++;
      const word = text.slice(start, at);
      tokens.push({ type: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
      continue;
    }
    // The longest known symbol wins.
    let symbol = '';
    while (at < text.length && SYMBOLS.has(text[at]!)) {
      const longer = symbol + text[at]!;
      if (symbol !== '' && SYMBOL_TOKENS.includes(symbol) && !SYMBOL_TOKENS.includes(longer)) break;
      symbol = longer;
      at++;
    }
    if (SYMBOL_TOKENS.includes(symbol)) tokens.push({ type: symbol as TokenType, text: symbol });
    else tokens.push({ type: 'error', text: `error expected: keyword found '${symbol}'` });
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** Words that stand where values are expected are values. */
  #peek(asValue = false): Token {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
    return asValue && (token.type === 'in' || token.type === 'notin')
      ? { type: 'identifier', text: token.text }
      : token;
  }

  #next(asValue = false): Token {
    const token = this.#peek(asValue);
    this.#at++;
    return token;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek(true);
      if (token.type === 'end') return requirements;
      if (token.type !== 'identifier' && token.type !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#checkedRequirement());
      const separator = this.#next();
      if (separator.type === 'end') return requirements;
      if (separator.type !== ',') {
        throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const following = this.#peek(true);
      if (following.type !== 'identifier' && following.type !== '!') {
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #checkedRequirement(): LabelRequirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (error instanceof SelectorError)
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #requirement(): LabelRequirement {
    let negated = false;
    let token = this.#next(true);
    if (token.type === '!') {
      negated = true;
      token = this.#next(true);
    }
    if (token.type !== 'identifier') {
      throw new SelectorError(`found '${token.text}', expected: identifier`);
    }
    const key = token.text;
    refuse(validateKey(key));
    const following = this.#peek();
    if (negated) return newLabelRequirement(key, '!', []);
    if (following.type === 'end' || following.type === ',') return newLabelRequirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    return newLabelRequirement(key, operator, values);
  }

  #operator(): LabelOperator {
    const token = this.#next();
    switch (token.type) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return token.type;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #values(): string[] {
    const open = this.#next(true);
    if (open.type !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek(true);
    if (first.type === 'identifier' || first.type === ',') {
      const values = this.#identifiers();
      const close = this.#next();
      if (close.type !== ')') throw new SelectorError(`found '${close.text}', expected: ')'`);
      return values;
    }
    if (first.type === ')') {
      this.#next();
      return [''];
    }
    throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
  }

  /** Values between commas; nothing between two commas is the empty string. */
  #identifiers(): string[] {
    const values = new Set<string>();
    for (;;) {
      const token = this.#next(true);
      if (token.type === 'identifier') {
        values.add(token.text);
        const following = this.#peek();
        if (following.type === ',') continue;
        if (following.type === ')') return [...values];
        throw new SelectorError(`found '${following.text}', expected: ',' or ')'`);
      }
      if (token.type !== ',') {
        throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      }
      if (values.size === 0) values.add('');
      const following = this.#peek(true);
      if (following.type === ')') {
        values.add('');
        return [...values];
      }
      if (following.type === ',') {
        this.#next();
        values.add('');
      }
    }
  }

  #exactValue(): string {
    const token = this.#peek(true);
    if (token.type === 'end' || token.type === ',') return '';
    this.#next();
    if (token.type === 'identifier') return token.text;
    throw new SelectorError(`found '${token.text}', expected: identifier`);
  }
}

/** One error for all rules broken; where there is no path upstream prints Go's nil. */
function validateKey(key: string, path = '<nil>'): FieldError[] {
  const texts = isQualifiedName(key);
  return texts.length === 0 ? [] : [invalid(path, key, texts.join('; '))];
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw new SelectorError(aggregateFieldErrors(errors));
}

/** Throws `SelectorError` for bad keys, values and counts of values. */
export function newLabelRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): LabelRequirement {
  const errors = validateKey(key, 'key');
  if (operator === 'in' || operator === 'notin') {
    if (values.length === 0) {
      errors.push(invalid('values', values, "for 'in', 'notin' operators, values set can't be empty"));
    }
  } else if (operator === '=' || operator === '==' || operator === '!=') {
    if (values.length !== 1)
      errors.push(invalid('values', values, 'exact-match compatibility requires one single value'));
  } else if (operator === 'exists' || operator === '!') {
    if (values.length !== 0)
      errors.push(invalid('values', values, 'values set must be empty for exists and does not exist'));
  } else if (operator === 'gt' || operator === 'lt') {
    if (values.length !== 1) {
      errors.push(invalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required"));
    }
    for (const [index, value] of values.entries()) {
      if (!/^[+-]?\d+$/.test(value)) {
        errors.push(
          invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"),
        );
      }
    }
  } else errors.push(notSupported('operator', operator, OPERATORS));
  for (const [index, value] of values.entries()) {
    const texts = isValidLabelValue(value);
    if (texts.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, texts.join('; ')));
  }
  refuse(errors);
  return { key, operator, values: [...values].sort() };
}

/** Reads a selector. Throws `SelectorError` with upstream's message. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text === '') return [];
  const requirements = new Parser(text).parse();
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Writes a selector in its canonical form, which `parseLabelSelector` reads. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case '!':
      return `!${key}`;
    case 'exists':
      return key;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
    case 'lt':
      return `${key}${operator === 'gt' ? '>' : '<'}${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement) => matches(requirement, labels));
}

function matches(
  { key, operator, values }: LabelRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      return operator === 'gt' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
    }
  }
}
