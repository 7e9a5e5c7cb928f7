/**
 * Validation errors of fields
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/field/errors.go).
 */

import { formatValue, marshalJSON, quote } from '../runtime/go-format.ts';
import { clipText, MAX_REPORTED_TEXT } from '../util/clip-text.ts';
import type { FieldPath } from './field-path.ts';

const TITLES = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
} as const;

export type FieldErrorType = keyof typeof TITLES;

/** Types whose message omits the value. */
const VALUELESS: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
]);

/** Replaces a value that messages omit (upstream's `OmitValueType`). */
export const OMITTED = Symbol('omitted value');

export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly badValue: unknown;
  readonly detail: string;
  /** Whether a declared rule found it; such errors are listed after handwritten ones. */
  readonly declared?: true;
  /** The name of the declared rule. */
  readonly origin?: string;
  /** Omitted if a declared rule, of this name if it is a string, reports the same field. */
  readonly covered?: true | string;
  /** Only reported if this feature gate is on. */
  readonly gate?: string;
  /** Only reported if this feature gate is off. */
  readonly unlessGate?: string;
  /** Shows the value, or a difference, in the internal form of an upstream type such as `core.PodSpec`. */
  readonly internal?: InternalShown;
}

export interface InternalShown {
  readonly type: string;
  /** The values whose difference is appended to the detail. */
  readonly difference?: readonly [before: unknown, after: unknown];
}

/** Restricts `errors` to a feature gate being off. */
export const unlessGate = (gate: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, unlessGate: gate }));

export const shownAs = (type: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, internal: { type } }));

/** Appends a difference to the detail of `error`. */
export const withDifference = (
  error: FieldError,
  type: string,
  difference: NonNullable<InternalShown['difference']>,
): FieldError => ({ ...error, internal: { type, difference } });

/**
 * Marks errors that declared rules also find, and report with their own text (upstream's `MarkCoveredByDeclarative`).
 */
export const covered = (errors: readonly FieldError[], origin: true | string = true): FieldError[] =>
  errors.map((error) => ({ ...error, covered: origin }));

type Path = FieldPath | string;

function make(type: FieldErrorType, path: Path, badValue: unknown, detail: string): FieldError {
  return { type, field: path.toString(), badValue, detail };
}

/** Maximum number of errors per request. Upstream reports all, which can be 70 times the size of the request. */
const MAX_REPORTED = 1000;

/** The message without the field's name: `Invalid value: "x": must be no more than 63 characters`. */
export function fieldErrorBody({ type, badValue, detail }: FieldError): string {
  let body: string = TITLES[type];
  if (!VALUELESS.has(type) && badValue !== OMITTED) {
    const shown =
      typeof badValue === 'string'
        ? quote(clipText(badValue))
        : ['number', 'bigint', 'boolean'].includes(typeof badValue)
          ? formatValue(badValue)
          : clipText(marshalJSON(badValue));
    body += `: ${shown}`;
  }
  return detail === '' ? body : `${body}: ${clipText(detail)}`;
}

/** `spec.x: Invalid value: ...` */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** Go's `ErrorList.ToAggregate()`: distinct messages, in brackets if there are several. */
export function aggregateFieldErrors(errors: readonly FieldError[]): string {
  return aggregateLimited(limitErrors(errors));
}

export interface LimitedErrors {
  readonly reported: readonly { readonly error: FieldError; readonly body: string }[];
  /** Number of omitted errors. */
  readonly more: number;
}

/**
 * The errors to report, each with its message: at least one, and as many as fit into a bounded text. `distinct` drops
 * errors with the same message.
 */
export function limitErrors(errors: readonly FieldError[], distinct = false): LimitedErrors {
  const reported: { error: FieldError; body: string }[] = [];
  const texts = new Set<string>();
  let room = MAX_REPORTED_TEXT;
  let examined = 0;
  for (const error of errors) {
    if (reported.length >= MAX_REPORTED || room <= 0) break;
    examined++;
    const body = fieldErrorBody(error);
    const field = clipText(error.field);
    const text = `${field}: ${body}`;
    if (distinct && texts.has(text)) continue;
    texts.add(text);
    room -= text.length;
    reported.push({ error: { ...error, field }, body });
  }
  return { reported, more: errors.length - examined };
}

export function aggregateLimited({ reported, more }: LimitedErrors): string {
  const messages = [...new Set(reported.map(({ error, body }) => `${error.field}: ${body}`))];
  if (more > 0) messages.push(`and ${more} more`);
  return messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`;
}

export const notFound = (path: Path, value: unknown): FieldError =>
  make('FieldValueNotFound', path, value, '');
export const required = (path: Path, detail: string): FieldError =>
  make('FieldValueRequired', path, '', detail);
export const duplicate = (path: Path, value: unknown): FieldError =>
  make('FieldValueDuplicate', path, value, '');
export const invalid = (path: Path, value: unknown, detail: string): FieldError =>
  make('FieldValueInvalid', path, value, detail);
/** One error per message, as reported by rules for names and the like. */
export const invalidEach = (path: Path, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((message) => invalid(path, value, message));
export const typeInvalid = (path: Path, value: unknown, detail: string): FieldError =>
  make('FieldValueTypeInvalid', path, value, detail);
export const forbidden = (path: Path, detail: string): FieldError =>
  make('FieldValueForbidden', path, '', detail);
export const internalFieldError = (path: Path, detail: string): FieldError =>
  make('InternalError', path, null, detail);

/** Cached by list, because thousands of errors may refer to the same one. */
const supportedTexts = new WeakMap<readonly string[], string>();

function supportedText(supported: readonly string[]): string {
  let text = supportedTexts.get(supported);
  if (text === undefined) {
    text = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`;
    supportedTexts.set(supported, text);
  }
  return text;
}

/** `supported` must not be modified afterwards. Pass the same list for all errors, because its text is cached. */
export function notSupported(path: Path, value: unknown, supported: readonly string[]): FieldError {
  return make('FieldValueNotSupported', path, value, supportedText(supported));
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** In bytes; negative if unknown. */
export function tooLong(path: Path, maxBytes: number): FieldError {
  const detail = maxBytes < 0 ? 'value is too long' : `may not be more than ${plural(maxBytes, 'byte')}`;
  return make('FieldValueTooLong', path, '<value omitted>', detail);
}

export function tooLongCharacters(path: Path, maxCharacters: number): FieldError {
  const detail =
    maxCharacters < 0 ? 'value is too long' : `may not be more than ${plural(maxCharacters, 'character')}`;
  return make('FieldValueTooLong', path, '<value omitted>', detail);
}

/** Negative counts are unknown. */
export function tooMany(path: Path, actual: number, max: number): FieldError {
  const detail = max < 0 ? 'has too many items' : `must have at most ${plural(max, 'item')}`;
  return make('FieldValueTooMany', path, actual < 0 ? OMITTED : actual, detail);
}
