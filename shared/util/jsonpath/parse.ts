/**
 * https://github.com/kubernetes/client-go/blob/master/util/jsonpath/parser.go, for the text between a pair of braces.
 */

import { appendAll } from '../append-all.ts';
import { trimEnd, trimStart } from '../trim.ts';
import { type Filter, JSONPathError, type JSONPathNode, type Slice } from './node.ts';

/** Parses an expression such as `.spec.list[?(@.name=="a")].value`. Throws `JSONPathError`. */
export function parseJSONPath(expression: string): readonly JSONPathNode[] {
  return new Parser(expression).parse();
}

const isDigit = (char: string): boolean => /^\p{Nd}$/u.test(char);
const isAlphaNumeric = (char: string): boolean => /^[_\p{L}\p{Nd}]$/u.test(char);
const isTerminator = (char: string): boolean => char === '' || ' \t\r\n.,[]$@{}'.includes(char);

class Parser {
  readonly #text: string;
  #position = 0;
  #knownLineEnd = -1;
  readonly #nodes: JSONPathNode[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly JSONPathNode[] {
    while (this.#position < this.#text.length) this.#step();
    return this.#nodes;
  }

  #startsWith(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.#position);
  }

  #peek(): string {
    const code = this.#text.codePointAt(this.#position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  /** Cached per line, because the end may be far away. */
  #lineEnd(): number {
    if (this.#knownLineEnd < this.#position) {
      const at = this.#text.indexOf('\n', this.#position);
      this.#knownLineEnd = at === -1 ? Number.POSITIVE_INFINITY : at;
    }
    return this.#knownLineEnd;
  }

  #step(): void {
    const char = this.#peek();
    if (this.#startsWith('[?(')) this.#filter();
    else if (this.#startsWith('..')) this.#recursive();
    else if (char === '[') this.#array();
    else if (char === '"' || char === "'") this.#quote(char);
    else if (char === '.') {
      this.#position++;
      this.#field();
    } else if (char === '+' || char === '-' || isDigit(char)) this.#number();
    else if (isAlphaNumeric(char)) this.#identifier();
    else if (char === ' ' || char === '@' || char === '$') this.#position++;
    else if (char === '\n' || char === '\r' || char === '}') throw new JSONPathError('unclosed action');
    else throw new JSONPathError(`unrecognized character in action: ${describe(char)}`);
  }

  #recursive(): void {
    if (this.#nodes.at(-1)?.kind === 'recursive')
      throw new JSONPathError('invalid multiple recursive descent');
    this.#position += 2;
    this.#nodes.push({ kind: 'recursive' });
    if (isAlphaNumeric(this.#peek())) this.#field();
  }

  #field(): void {
    let name = '';
    for (;;) {
      const char = this.#peek();
      if (char === '\\') {
        this.#position++;
        const escaped = this.#peek();
        name += escaped === '\\' ? '' : escaped;
        this.#position += escaped.length;
      } else if (isTerminator(char)) break;
      else {
        name += char;
        this.#position += char.length;
      }
    }
    this.#nodes.push(name === '*' ? { kind: 'wildcard' } : { kind: 'field', name });
  }

  #take(pattern: RegExp): string {
    const text = pattern.exec(this.#text.slice(this.#position))?.[0] ?? '';
    this.#position += text.length;
    return text;
  }

  #identifier(): void {
    const name = this.#take(/^[^ \t\r\n.,[\]$@{}]+/);
    this.#nodes.push(
      name === 'true' || name === 'false'
        ? { kind: 'literal', value: name === 'true' }
        : { kind: 'identifier', name },
    );
  }

  #number(): void {
    const text = this.#take(/^[+-]?[\p{Nd}.]*/u);
    if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) throw new JSONPathError(`cannot parse number ${text}`);
    this.#nodes.push({ kind: 'literal', value: Number(text) });
  }

  #quote(mark: string): void {
    const start = this.#position;
    let end = start;
    do {
      end = this.#text.indexOf(mark, end + 1);
      if (end === -1 || this.#lineEnd() < end) throw new JSONPathError('unterminated quoted string');
    } while (this.#text[end - 1] === '\\');
    this.#position = end + 1;
    this.#nodes.push({ kind: 'literal', value: unquote(this.#text.slice(start + 1, end)) });
  }

  #array(): void {
    const end = this.#text.indexOf(']', this.#position);
    if (end === -1 || this.#lineEnd() < end) throw new JSONPathError('unterminated array');
    const text = this.#text.slice(this.#position + 1, end);
    this.#position = end + 1;
    const members = text.split(',');
    if (members.length > 1) {
      const parsed = members.map((member) => parseJSONPath(`[${trimStart(trimEnd(member, ' '), ' ')}]`));
      this.#nodes.push({ kind: 'union', members: parsed });
      return;
    }
    const key = /^'([^']*)'$/.exec(text)?.[1];
    if (key !== undefined) appendAll(this.#nodes, parseJSONPath(`.${key}`));
    else this.#nodes.push({ kind: 'slice', slice: parseSlice(text === '*' ? ':' : text) });
  }

  #filter(): void {
    this.#position += '[?('.length;
    const start = this.#position;
    let quote = '';
    let closed = false;
    for (; ; this.#position++) {
      const char = this.#text[this.#position] ?? '';
      if (char === '' || char === '\n') throw new JSONPathError('unterminated filter');
      if (char === '"' || char === "'") {
        if (quote === '') quote = char;
        else if (char === quote && this.#text[this.#position - 1] !== '\\') closed = true;
      } else if (char === ')' && (quote === '' || closed)) break;
    }
    const text = this.#text.slice(start, this.#position);
    if (this.#text[this.#position + 1] !== ']') throw new JSONPathError('unclosed array expect ]');
    this.#position += ')]'.length;
    this.#nodes.push({ kind: 'filter', filter: parseFilter(text) });
  }
}

function parseFilter(text: string): Filter {
  const match = /^([^!<>=]+)([!<>=]+)([\s\S]+)$/.exec(text);
  if (match === null) return { left: parseJSONPath(text), operator: 'exists', right: [] };
  return { left: parseJSONPath(match[1]!), operator: match[2]!, right: parseJSONPath(match[3]!) };
}

function parseSlice(text: string): Slice {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null) throw new JSONPathError(`invalid array index ${text}`);
  const number = (part: string | undefined): number | undefined => {
    if (part === undefined || part === '') return undefined;
    if (part === '-') throw new JSONPathError(`array index ${part} is not a number`);
    return Number(part);
  };
  const start = number(match[1]);
  const single = match[2] === undefined;
  return {
    start,
    end: single ? (start ?? 0) + 1 : number(match[2]!.slice(1)),
    step: number(match[3]?.slice(1)),
    single,
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquote(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/g, (_, code: string) => {
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? code;
  });
}

/** Go's `%#U`. */
function describe(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${char}'`;
}
