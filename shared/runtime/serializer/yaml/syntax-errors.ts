/**
 * Errors of invalid YAML in the words of Go's parser, with its line numbers (go.yaml.in/yaml/v2: scannerc.go,
 * parserc.go, and `fail` in decode.go).
 */

import type { YAMLParseError } from 'yaml';
import { DecodingError } from '../decoding-error.ts';
import { Lines } from './lines.ts';

interface Mistake {
  /** The prefix of the parser's own message. */
  readonly starts: string;
  readonly message: string | ((text: string, pos: number) => string);
  /** The position at which Go detects it; defaults to the parser's. */
  readonly noticed?: (text: string, pos: number) => number;
  /** Whether it is detected between tokens rather than within one: Go then counts lines from 0. */
  readonly grammar?: boolean;
}

const NO_TOKEN = 'found character that cannot start any token';
const NO_CONTENT = 'did not find expected node content';

/** The error in a flow collection where a value is missing completely. */
const orNoContent =
  (message: string) =>
  (text: string, pos: number): string =>
    '[{,'.includes(text.slice(0, pos).trimEnd().at(-1) ?? '-') ? NO_CONTENT : message;

/** The error for a missing item of a block: of a list if the last line at the same level is an item. */
function missingItem(text: string, pos: number): string {
  const start = text.lastIndexOf('\n', pos - 1) + 1;
  const indent = pos - start;
  const isFirst = text.slice(start, pos).trim() === '';
  return isFirst && lastAt(indent, text, start) === '-'
    ? "did not find expected '-' indicator"
    : 'did not find expected key';
}

/** The first character of the last line before `end` that is indented by at most `column`. */
function lastAt(column: number, text: string, end: number): string | undefined {
  let stop = end - 1;
  while (stop > 0) {
    const start = text.lastIndexOf('\n', stop - 1) + 1;
    const line = text.slice(start, stop);
    const shown = line.trimStart();
    if (shown !== '' && line.length - shown.length <= column) return shown[0];
    stop = start - 1;
  }
  return undefined;
}

/** The position of the text after the line of a key without a colon. */
const afterLine = (text: string, pos: number): number => {
  const end = text.indexOf('\n', pos);
  if (end < 0) return text.length;
  return end + /^\s*/.exec(text.slice(end))![0].length;
};

/** The colon of a mapping where none is allowed. */
const colonAfter = (text: string, pos: number): number =>
  pos + Math.max(0, text.slice(pos).search(/:(?:\s|$)/));

const MISTAKES: readonly Mistake[] = [
  {
    starts: 'Nested mappings are not allowed',
    message: 'mapping values are not allowed in this context',
    noticed: colonAfter,
  },
  {
    starts: 'Implicit map keys need to be followed',
    message: "could not find expected ':'",
    noticed: afterLine,
  },
  { starts: 'Tabs are not allowed', message: NO_TOKEN },
  { starts: 'Plain value cannot start with flow', message: NO_CONTENT, grammar: true },
  { starts: 'Plain value cannot start with', message: NO_TOKEN },
  { starts: 'Unexpected block-seq-ind', message: 'block sequence entries are not allowed in this context' },
  { starts: 'Unexpected flow-', message: NO_CONTENT, grammar: true },
  { starts: 'Unexpected scalar at node end', message: missingItem, grammar: true },
  { starts: 'All mapping items must start', message: missingItem, grammar: true },
  { starts: 'Flow sequence', message: orNoContent("did not find expected ',' or ']'"), grammar: true },
  { starts: 'Flow map', message: orNoContent("did not find expected ',' or '}'"), grammar: true },
  { starts: 'Missing closing', message: 'found unexpected end of stream' },
  {
    starts: 'Invalid escape sequence',
    message: (text, pos) =>
      /^\\[xuU]/.test(text.slice(pos))
        ? 'did not find expected hexdecimal number'
        : 'found unknown escape character',
  },
  { starts: 'Verbatim tags must end', message: "did not find the expected '>'" },
];

export function syntaxError({ message: own, pos: [pos] }: YAMLParseError, text: string): DecodingError {
  const mistake = MISTAKES.find(({ starts }) => own.startsWith(starts));
  if (mistake === undefined) return new DecodingError(formatMistake(own, new Lines(text).lineOf(pos)));
  const { message, noticed, grammar = false } = mistake;
  const line = new Lines(text).lineOf(noticed?.(text, pos) ?? pos);
  const words = typeof message === 'string' ? message : message(text, pos);
  return new DecodingError(formatMistake(words, line, grammar));
}

/** Omits the number of the first line, like Go. */
const formatMistake = (message: string, line: number, fromZero = false): string =>
  line === 1 ? `yaml: ${message}` : `yaml: line ${fromZero ? line - 1 : line}: ${message}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/;
const OTHER_VERSION = /^(?:#.*\n|[^\S\n]*\n)*%YAML[ \t]+(?!1\.1\s)/;

/** Throws `DecodingError` for texts that Go rejects before parsing. */
export function checkReadable(text: string): void {
  if (CONTROL.test(text)) throw new DecodingError('yaml: control characters are not allowed');
  if (OTHER_VERSION.test(text)) throw new DecodingError('yaml: found incompatible YAML document');
}
