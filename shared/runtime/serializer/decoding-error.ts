import { quote } from '../go-format.ts';
import type { GroupVersionKind } from '../group-version.ts';

/** Bytes can't be decoded as an object: a client error, 400. The message is upstream's. */
export class DecodingError extends Error {
  override readonly name: string = 'DecodingError';
  /** The kind as far as it was known from the bytes and the request. */
  readonly gvk: GroupVersionKind | undefined;

  constructor(message: string, gvk?: GroupVersionKind, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.gvk = gvk;
  }
}

/** Combines unknown and duplicate fields into one message for `fieldValidation=Strict`. */
export function strictDecodingMessage(strictErrors: readonly string[]): string {
  return `strict decoding error: ${strictErrors.join(', ')}`;
}

const YAML_ERRORS = 'yaml: unmarshal errors:\n';

/**
 * One warning per unknown or duplicate field for `fieldValidation=Warn`. YAML's arrive as one error with several lines.
 */
export function strictDecodingWarnings(strictErrors: readonly string[]): string[] {
  return strictErrors.flatMap((text) =>
    text.startsWith(YAML_ERRORS)
      ? text
          .slice(YAML_ERRORS.length)
          .split('\n')
          .map((line) => line.trim())
      : text,
  );
}

const SUMMARY_BYTES = 30;
const OPEN_BRACE = 0x7b;

/** Go's `summarizeData`: the beginning of a body, in hexadecimal if it can't be JSON. */
function summarize(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const start = Buffer.from(body.subarray(0, SUMMARY_BYTES));
  const shown = start.toString(body[0] === OPEN_BRACE ? 'utf8' : 'hex');
  return body.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

/**
 * The message of the 400 for a body
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/rest.go, `transformDecodeError`).
 */
export function badRequestMessage(
  error: { readonly message: string; readonly gvk?: GroupVersionKind | undefined },
  expectedKind: string,
  body: Uint8Array,
): string {
  const { gvk, message } = error;
  if (gvk !== undefined && gvk.kind !== '') {
    return `${gvk.kind} in version ${quote(gvk.version)} cannot be handled as a ${expectedKind}: ${message}`;
  }
  return `the object provided is unrecognized (must be of type ${expectedKind}): ${message} (${summarize(body)})`;
}
