import { integerOf } from '../util/integers.ts';
import type { Token } from './lexer.ts';
import { bytesLiteral, LiteralError, stringLiteral } from './string-literal.ts';
import { isInt64, isUint64, Uint, type Value } from './value.ts';

/** Parses decimal or hexadecimal digits; undefined for more than 64 bits. */
const integer = (text: string): bigint | undefined => (/^0x/i.test(text) ? BigInt(text) : integerOf(text));

/** The value of a number, string or bytes token. `report` is called with the error, if any. */
export function literalValue(token: Token, sign: '' | '-', report: (message: string) => void): Value {
  switch (token.kind) {
    case 'NUM_INT': {
      const value = integer(token.text);
      const signed = value !== undefined && sign === '-' ? -value : value;
      if (signed !== undefined && isInt64(signed)) return signed;
      report('invalid int literal');
      return 0n;
    }
    case 'NUM_UINT': {
      const value = integer(token.text.slice(0, -1));
      if (value !== undefined && isUint64(value)) return new Uint(value);
      report('invalid uint literal');
      return new Uint(0n);
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
