/** Converts `ApiResponse`s to API Gateway's form: whole, or as a stream. */

import { Readable } from 'node:stream';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { newRequestEntityTooLarge } from '../../shared/meta/status-error.ts';
import type { ApiResponse } from '../../shared/request/api-request.ts';
import { statusResponse } from '../../shared/request/status-response.ts';

/** Result of the streaming handler: the metadata prelude, and the body that follows it. */
export interface StreamingResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly body: Readable;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const NOT_ASCII = /[^\x00-\x7f]/;
const TEXT = /^(?:text\/|application\/(?:json|yaml)\b)/;

function splitHeaders(headers: ApiResponse['headers']) {
  const single: Record<string, string> = {};
  const multiple: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') single[name] = asciiHeader(value);
    else multiple[name] = value.map(asciiHeader);
  }
  return { headers: single, ...(Object.keys(multiple).length > 0 && { multiValueHeaders: multiple }) };
}

/**
 * Header values are sent as JSON here, and the gateway's charset for them is unspecified, so only ASCII is safe. Quoted
 * strings, which are those of warnings, become encoded words (RFC 2047), which client-go decodes; other characters are
 * lost. The core provides header values as bytes of UTF-8, one character each.
 */
function asciiHeader(value: string): string {
  if (!NOT_ASCII.test(value)) return value;
  return value.replace(/"((?:[^"\\]|\\.)*)"/g, encodedWord).replace(new RegExp(NOT_ASCII, 'g'), '?');
}

function encodedWord(quoted: string, escaped: string): string {
  if (!NOT_ASCII.test(escaped)) return quoted;
  const bytes = Buffer.from(escaped.replace(/\\(.)/g, '$1'), 'latin1');
  return `"=?utf-8?b?${bytes.toString('base64')}?="`;
}

/** Maximum bytes of JSON in the result of an invocation without streaming. */
const MAX_RESULT_BYTES = 6_291_556;
/** Maximum bytes of a response that Lambda streams before it cuts it off. */
const MAX_STREAM_BYTES = 200_000_000;

/**
 * Replaces a response that Lambda would discard or cut off because of its size, which clients can't tell from a broken
 * connection. This Kubernetes error tells the user what to do, and clients don't retry it.
 */
function tooLarge({ headers }: ApiResponse, most: string): ApiResponse {
  const compressed = headers['content-encoding'] === undefined ? ', or accept gzip' : '';
  return statusResponse(
    newRequestEntityTooLarge(
      `the response is larger than the ${most}; request less, with limit and continue${compressed}`,
    ),
  );
}

/** The result of an invocation without streaming; an error if the response is larger than Lambda allows. */
export async function toProxyResult(response: ApiResponse): Promise<APIGatewayProxyResult> {
  const result = await wholeResult(response);
  // Escapes make a text up to six times as long.
  const mayBeLarge = result.body.length > MAX_RESULT_BYTES / 6 - 10_000;
  if (!mayBeLarge || Buffer.byteLength(JSON.stringify(result)) <= MAX_RESULT_BYTES) return result;
  return wholeResult(tooLarge(response, '6 MB that a function can return'));
}

/** Collects the body. Binary bodies are sent as base64, for which the API declares all types binary. */
async function wholeResult(response: ApiResponse): Promise<APIGatewayProxyResult> {
  const body = response.body instanceof Uint8Array ? response.body : await collect(response.body);
  const contentType = String(response.headers['content-type'] ?? '');
  const isText = TEXT.test(contentType) && response.headers['content-encoding'] === undefined;
  return {
    statusCode: response.status,
    ...splitHeaders(response.headers),
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

/** `leave`: called when the body is no longer consumed, to end a body that waits for its next chunk. */
export function toStreamingResult(response: ApiResponse, leave: () => void = () => {}): StreamingResult {
  if (response.body instanceof Uint8Array && response.body.length > MAX_STREAM_BYTES)
    return toStreamingResult(tooLarge(response, '200 MB that a function can stream'));
  const chunks = response.body instanceof Uint8Array ? [response.body] : response.body;
  const body = Readable.from(chunks, { objectMode: false });
  const close = body._destroy;
  // Ending the iteration of chunks would wait for the next one, which may never come.
  body._destroy = (error, callback) => {
    leave();
    close.call(body, error, callback);
  };
  return { statusCode: response.status, ...splitHeaders(response.headers), body };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
