/**
 * Converts YAML to JSON (https://github.com/kubernetes-sigs/yaml, `YAMLToJSON`): the first document, with keys as
 * strings and with aliases and merge keys resolved.
 */

import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { setOwn } from '../../../util/json.ts';
import { quote } from '../../go-format.ts';
import { BodyBudgetError, MAX_VALUES, ValueBudget } from '../body-budget.ts';
import { DecodingError } from '../decoding-error.ts';
import { MAX_DEPTH } from '../json/syntax-error.ts';
import { canonicalBase64 } from '../scalars/base64.ts';
import { readJSONSubset } from './json-subset.ts';
import { Lines } from './lines.ts';
import { numberKey, resolveScalar, type ScalarValue } from './resolve-scalar.ts';
import { checkReadable, syntaxError } from './syntax-errors.ts';

export interface ConvertedYAML {
  /** Plain JSON values, with bigints outside of the safe range. */
  readonly value: unknown;
  /** Duplicate keys, as one error; empty if there are none. */
  readonly strictErrors: readonly string[];
}

const TAG = 'tag:yaml.org,2002:';

/** Throws `DecodingError`. */
export function yamlToJSON(text: string): ConvertedYAML {
  const json = readJSONSubset(text);
  if (json !== undefined) return { value: json, strictErrors: [] };
  checkReadable(text);
  const document = parse(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw syntaxError(error, text);
  }
  const converter = new Converter(text);
  const value = converter.convert(document.contents);
  return { value, strictErrors: converter.strictErrors() };
}

const tooDeep = (): DecodingError => new DecodingError(`yaml: exceeded max depth of ${MAX_COMPOSED_DEPTH}`);

const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** Each costs a few microseconds and a few hundred bytes; an average line has six. */
const MAX_LEXEMES = 400_000;

/** Maximum number of duplicate keys reported, one per line. */
const MAX_DUPLICATES = 1000;

/** Maximum nesting of collections for the composer, which is recursive. */
const MAX_COMPOSED_DEPTH = 300;

function parse(text: string): Document.Parsed {
  for (const document of new Composer(OPTIONS).compose(tokensOf(text), true, text.length)) {
    return document as Document.Parsed;
  }
  throw new Error('the composer makes a document of any text');
}

/** The parser isn't recursive, so excessive nesting is detected before the composer runs. */
function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES) throw new BodyBudgetError(`limit is ${MAX_LEXEMES} tokens of YAML`);
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_COMPOSED_DEPTH) throw tooDeep();
  }
  yield* parser.end();
}

/** Go's `allowedAliasRatio`: the permitted proportion of decoded nodes that come from aliases. */
function allowedAliasRatio(decoded: number): number {
  const [low, high] = [400_000, 4_000_000];
  if (decoded <= low) return 0.99;
  if (decoded >= high) return 0.1;
  return 0.99 - 0.89 * ((decoded - low) / (high - low));
}

class Converter {
  readonly #lines: Lines;
  readonly #duplicates: string[] = [];
  #duplicateCount = 0;
  readonly #anchors = new Map<string, Node>();
  /** Anchored nodes that are being converted. */
  readonly #open = new Set<Node>();
  readonly #budget = new ValueBudget(2 * MAX_VALUES);
  #depth = 0;
  #decoded = 0;
  #aliased = 0;
  #aliasDepth = 0;

  constructor(text: string) {
    this.#lines = new Lines(text);
  }

  strictErrors(): string[] {
    if (this.#duplicates.length === 0) return [];
    const more = this.#duplicateCount - this.#duplicates.length;
    const lines = more > 0 ? [...this.#duplicates, `and ${more} more`] : this.#duplicates;
    return [`yaml: unmarshal errors:\n${lines.map((text) => `  ${text}`).join('\n')}`];
  }

  convert(node: Node | null | undefined): unknown {
    this.#count();
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#alias(node.source, (target) => this.convert(target));
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) {
      this.#anchors.set(anchor, node);
      this.#open.add(node);
    }
    const value = isScalar(node) ? scalarValue(node) : this.#collection(node);
    this.#open.delete(node);
    return value;
  }

  #collection(node: Node): unknown {
    if (++this.#depth > MAX_DEPTH) throw tooDeep();
    const value = isSeq(node)
      ? node.items.map((item) => this.convert(item as Node | null))
      : sortKeys(this.#members(node as YAMLMap<Node, Node | null>, {}));
    this.#depth--;
    return value;
  }

  #members(map: YAMLMap<Node, Node | null>, into: object): object {
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        this.#merge(value, into);
        continue;
      }
      const name = this.#keyName(key, value);
      if (Object.hasOwn(into, name.text)) {
        this.#reportDuplicate(value ?? key, name.shown);
      }
      setOwn(into, name.text, this.convert(value));
    }
    return into;
  }

  #reportDuplicate(node: Node | null, shown: string): void {
    this.#duplicateCount++;
    if (this.#duplicates.length === MAX_DUPLICATES) return;
    const line = this.#lines.lineOf(node?.range?.[0] ?? 0);
    this.#duplicates.push(`line ${line}: key ${shown} already set in map`);
  }

  #keyName(node: Node, value: Node | null): { text: string; shown: string } {
    const isPlain = isScalar(node) && node.tag === undefined && node.type === 'PLAIN';
    const number = isPlain ? numberKey(node.source ?? '') : undefined;
    if (typeof number === 'string') return { text: number, shown: number };
    const key = number ?? this.convert(node);
    if (typeof key === 'string') return { text: key, shown: quote(key) };
    if (key === null) throw this.#unsupportedKey('%!s(<nil>)', '<nil>', value);
    if (typeof key === 'bigint') throw this.#unsupportedKey('uint64', `0x${key.toString(16)}`, value);
    if (typeof key === 'object') throw new DecodingError(`yaml: invalid map key: ${goSyntax(key)}`);
    const text = String(key);
    return { text, shown: text };
  }

  #unsupportedKey(type: string, key: string, value: Node | null): DecodingError {
    const shown = goSyntax(this.convert(value));
    return new DecodingError(`unsupported map key of type: ${type}, key: ${key}, value: ${shown}`);
  }

  /** Merges in document order: later values win, merged or not. */
  #merge(node: Node | null, into: object): void {
    if (isAlias(node)) this.#alias(node.source, (target) => this.#merge(target, into));
    else if (isMap(node)) this.#members(node as YAMLMap<Node, Node | null>, into);
    else if (isSeq(node)) for (const item of [...node.items].reverse()) this.#merge(item as Node, into);
    else throw new DecodingError('yaml: map merge requires map or sequence of maps as the value');
  }

  #alias<T>(name: string, use: (target: Node) => T): T {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new DecodingError(`yaml: unknown anchor '${name}' referenced`);
    if (this.#open.has(target)) throw new DecodingError(`yaml: anchor '${name}' value contains itself`);
    this.#aliasDepth++;
    const value = use(target);
    this.#aliasDepth--;
    return value;
  }

  #count(): void {
    this.#decoded++;
    this.#budget.spend();
    if (this.#aliasDepth > 0) this.#aliased++;
    const isExcessive =
      this.#aliased > 100 &&
      this.#decoded > 1000 &&
      this.#aliased / this.#decoded > allowedAliasRatio(this.#decoded);
    if (isExcessive) throw new DecodingError('yaml: document contains excessive aliasing');
  }
}

/** Go encodes the keys of a map in order, and reports unknown fields in that order. */
function sortKeys(map: object): object {
  const sorted = {};
  for (const key of Object.keys(map).sort()) setOwn(sorted, key, map[key as keyof object]);
  return sorted;
}

/** Go's `%#v` of an invalid key, such as the value of `{{ name }}` in YAML. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).map(([key, member]) => `${quote(key)}:${goSyntax(member)}`);
  return `map[interface {}]interface {}{${members.join(', ')}}`;
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.source === '<<' && (key.type === 'PLAIN' || key.tag === `${TAG}merge`);
}

/** Conversions for explicit tags. */
const TAGGED: Readonly<Record<string, (value: ScalarValue) => ScalarValue | undefined>> = {
  int: (value) => (typeof value === 'bigint' || Number.isInteger(value) ? value : undefined),
  float: (value) => (typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined),
  bool: (value) => (typeof value === 'boolean' ? value : undefined),
  null: (value) => (value === null ? null : undefined),
};

function scalarValue(node: Scalar): ScalarValue {
  const source = node.source ?? '';
  if (node.tag === undefined) {
    const value = node.type === 'PLAIN' ? resolveScalar(source) : source;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      const shown = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
      throw new DecodingError(`json: unsupported value: ${shown}`);
    }
    return value;
  }
  const type = node.tag.startsWith(TAG) ? node.tag.slice(TAG.length) : '';
  if (type === 'binary') return binaryText(source);
  const convert = Object.hasOwn(TAGGED, type) ? TAGGED[type] : undefined;
  if (convert === undefined) return source;
  const value = convert(resolveScalar(source));
  if (value === undefined) throw new DecodingError(`yaml: cannot decode !!str \`${source}\` as a !!${type}`);
  return value;
}

function binaryText(source: string): string {
  try {
    return Buffer.from(canonicalBase64(source), 'base64').toString();
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw new DecodingError('yaml: !!binary value contains invalid base64 data');
  }
}
