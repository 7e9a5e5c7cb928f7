import type { Token } from './lexer.ts';
import { bytesLiteral, LiteralError, stringLiteral } from './string-literal.ts';
import { isInt64, isUint64, Uint, type Value } from './value.ts';

/** Of a number, text or bytes. `report` is told what is wrong with it. */
export function literalValue(token: Token, sign: '' | '-', report: (message: string) => void): Value {
  switch (token.kind) {
    case 'NUM_INT': {
      const value = sign === '-' ? -BigInt(token.text) : BigInt(token.text);
      if (!isInt64(value)) report('invalid int literal');
      return value;
    }
    case 'NUM_UINT': {
      const value = BigInt(token.text.slice(0, -1));
      if (!isUint64(value)) report('invalid uint literal');
      return new Uint(value);
    }
    case 'NUM_FLOAT': {
      const value = Number(sign + token.text);
      if (!Number.isFinite(value)) report('invalid double literal');
      return value;
    }
    default:
      try {
        return token.kind === 'BYTES' ? bytesLiteral(token.text) : stringLiteral(token.text);
      } catch (error) {
        if (!(error instanceof LiteralError)) throw error;
        report(error.message);
        return '';
      }
  }
}
