/** Tokens of CEL (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax). */

type TokenKind =
  | 'EOF'
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'NUM_FLOAT'
  | 'STRING'
  | 'BYTES'
  | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** Source text; `<EOF>` at the end. */
  readonly text: string;
  readonly pos: number;
}

export interface LexerIssue {
  readonly message: string;
  readonly pos: number;
}

const WHITESPACE = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;

const ESCAPE =
  String.raw`\\(?:[abfnrtv"'\\?` +
  '`' +
  String.raw`]|[0-3][0-7][0-7]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})`;
const QUOTED = [
  '[rR]"""[^]*?"""',
  "[rR]'''[^]*?'''",
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join('|');

/** Tried in order at each position; the first match wins, so longer forms come before their prefixes. */
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['BYTES', new RegExp(`[bB](?:${QUOTED})`, 'y')],
  ['STRING', new RegExp(`(?:${QUOTED})`, 'y')],
  ['NUM_FLOAT', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['NUM_UINT', /(?:0x[\da-fA-F]+|\d+)[uU]/y],
  ['NUM_INT', /(?:0x[\da-fA-F]+|\d+)/y],
  ['IDENTIFIER', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/y],
  ['symbol', /==|!=|<=|>=|&&|\|\||[<>[\](){}.,\-!?:+*/%]/y],
];

/** Words that are symbols rather than identifiers. */
const KEYWORDS = new Set(['in', 'true', 'false', 'null']);

/** All tokens; the last is EOF. Characters that begin no token are reported and skipped. */
export function tokenize(source: string): { tokens: readonly Token[]; issues: readonly LexerIssue[] } {
  const tokens: Token[] = [];
  const issues: LexerIssue[] = [];
  let pos = 0;
  while (pos < source.length) {
    WHITESPACE.lastIndex = pos;
    if (WHITESPACE.test(source)) {
      pos = WHITESPACE.lastIndex;
      continue;
    }
    const token = tokenAt(source, pos);
    if (token === undefined) {
      const text = unrecognized(source, pos);
      issues.push({ pos, message: `token recognition error at: '${escapeText(text)}'` });
      pos += text.length;
      continue;
    }
    tokens.push(token);
    pos += token.text.length;
  }
  tokens.push({ kind: 'EOF', text: '<EOF>', pos: source.length });
  return { tokens, issues };
}

function tokenAt(source: string, pos: number): Token | undefined {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = pos;
    const text = rule.exec(source)?.[0];
    if (text === undefined) continue;
    return { kind: kind === 'IDENTIFIER' && KEYWORDS.has(text) ? 'symbol' : kind, text, pos };
  }
  return undefined;
}

const BEGUN_ESCAPE = String.raw`\\(?:[0-3][0-7]?|[xX][\da-fA-F]?|u[\da-fA-F]{0,3}|U[\da-fA-F]{0,7})?`;
/** Matches the longest prefix of a string literal, and the character that can't continue it. */
const BEGUN_TEXT: Readonly<Record<string, RegExp>> = {
  '"': new RegExp(String.raw`"(?:${ESCAPE}|[^\\"\n\r])*(?:${BEGUN_ESCAPE})?[^]?`, 'uy'),
  "'": new RegExp(String.raw`'(?:${ESCAPE}|[^\\'\n\r])*(?:${BEGUN_ESCAPE})?[^]?`, 'uy'),
};

/** The text reported as unrecognized: an incomplete token, or a single character. */
function unrecognized(source: string, pos: number): string {
  const char = String.fromCodePoint(source.codePointAt(pos)!);
  const text = Object.hasOwn(BEGUN_TEXT, char) ? BEGUN_TEXT[char] : undefined;
  if (text !== undefined) {
    text.lastIndex = pos;
    return text.exec(source)![0];
  }
  if (char === '|' || char === '&' || char === '=') return source.slice(pos, pos + 2);
  return char;
}

/** Escapes text as ANTLR does in messages. */
export function escapeText(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
