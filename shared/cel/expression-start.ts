/** The tokens that may begin an expression. */

import type { Token } from './lexer.ts';

export function startsExpression(token: Token): boolean {
  if (token.kind === 'EOF') return false;
  return token.kind !== 'symbol' || /^(?:[[{(.\-!]|true|false|null)$/.test(token.text);
}

/** The expected tokens at the start of an expression, as listed in errors; `ends`: further tokens allowed there. */
function expressionStart(...ends: readonly string[]): string {
  const symbols = ['[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?'].filter(
    (symbol) => '[{(.-!'.includes(symbol) || ends.includes(symbol),
  );
  const tokens = [...symbols, 'true', 'false', 'null'].map((text) => `'${text}'`);
  return `{${[...tokens, 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'].join(', ')}}`;
}

export const EXPRESSION_START = expressionStart();
export const ARGUMENTS_START = expressionStart(')');
export const INDEX_START = expressionStart('?');
export const LIST_START = expressionStart(']', ',', '?');
export const MAP_START = expressionStart('}', ',', '?');
