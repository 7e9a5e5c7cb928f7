/**
 * Checks the media types that a route consumes and produces before its handler runs. Like upstream's go-restful
 * (`jsr311.go` and `route.go`, with the routes of `endpoints/installer.go`), it compares them as text.
 */

import { type Status, StatusError } from '../../meta/status-error.ts';
import { headerOf } from '../../request/api-request.ts';
import type { MediaType } from '../../runtime/serializer/serializer.ts';
import type { ServingContext } from './serving-context.ts';

/** Encodings that don't support streams. */
const WITHOUT_STREAMS: readonly MediaType[] = ['application/yaml'];

const streamOf = (mediaType: MediaType): string =>
  mediaType === 'application/cbor' ? 'application/cbor-seq' : `${mediaType};stream=watch`;

const namesOf = (header: string): string[] => header.split(',').map((part) => part.split(';')[0]!.trim());

/** Throws NotAcceptable. `more` precede the media types of the codecs. */
export function checkProduced(
  { request }: ServingContext,
  mediaTypes: readonly MediaType[],
  { more = [], streams = false }: { readonly more?: readonly string[]; readonly streams?: boolean } = {},
): void {
  const accept = headerOf(request.headers, 'accept') ?? '';
  if (accept === '') return;
  const streamed = streams ? mediaTypes.filter((type) => !WITHOUT_STREAMS.includes(type)).map(streamOf) : [];
  const produced = [...more, ...mediaTypes, ...streamed];
  if (namesOf(accept).some((name) => name === '*/*' || produced.includes(name))) return;
  const message = `406: Not Acceptable\n\nAvailable representations: ${produced.join(', ')}`;
  throw new StatusError({ code: 406, reason: 'NotAcceptable', message, details: {} });
}

/** Whether a Status was thrown by `checkProduced`. */
export const isRefusedByRoute = ({ code, message = '' }: Pick<Status, 'code' | 'message'>): boolean =>
  code === 406 && message.startsWith('406: Not Acceptable');

/** Throws UnsupportedMediaType. */
export function checkConsumed({ request }: ServingContext, consumed: readonly string[]): void {
  const header = headerOf(request.headers, 'content-type') ?? '';
  const names = namesOf(header === '' ? 'application/octet-stream' : header);
  if (names.some((name) => consumed.includes(name))) return;
  const message = '415: Unsupported Media Type';
  throw new StatusError({ code: 415, reason: 'UnsupportedMediaType', message, details: {} });
}
