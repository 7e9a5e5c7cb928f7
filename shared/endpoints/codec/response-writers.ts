/**
 * Writes responses
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/writers.go).
 */

import { RefusedRequest } from '../../authz/forbidden.ts';
import type { Status } from '../../meta/status-error.ts';
import { type ApiResponse, headerOf } from '../../request/api-request.ts';
import { keepTurn } from '../../util/turns.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { NO_TRANSFORMS, negotiateOutput, type OfferedCodecs } from './negotiation.ts';
import { toStatusError } from './statuses.ts';

/** Larger answers, in bytes, are compressed for clients that accept gzip. */
const GZIP_THRESHOLD = 128 * 1024;

/** Sends a body with its media type, compressed if it is large. */
export async function writeBytes(
  context: ServingContext,
  status: number,
  contentType: string,
  body: Uint8Array,
): Promise<ApiResponse> {
  if (body.byteLength <= GZIP_THRESHOLD || !acceptsGzip(context, 'APIResponseCompression')) {
    return { status, headers: { 'content-type': contentType }, body };
  }
  let gzipped = compressed.get(body);
  if (gzipped === undefined) {
    const { gzipAlike } = await import('../../util/gzip-alike.ts');
    gzipped = gzipAlike(body);
    compressed.set(body, gzipped);
  }
  return { status, headers: { 'content-type': contentType, ...GZIPPED }, body: await keepTurn(gzipped) };
}

/** Of bodies that may be sent again. */
const compressed = new WeakMap<Uint8Array, Promise<Uint8Array>>();

const NO_SNIFFING = { 'x-content-type-options': 'nosniff' };

export const GZIPPED = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } as const;

/** Whether the client accepts gzip and the feature gate permits it. */
export function acceptsGzip({ request, featureEnabled }: ServingContext, gate: string): boolean {
  if (!featureEnabled(gate)) return false;
  const encodings = (headerOf(request.headers, 'accept-encoding') ?? '').split(',');
  return encodings.some((encoding) => encoding.split(';')[0]!.trim() === 'gzip');
}

/** Omits a code of 0, which means that the code was not known when the Status was made. */
export function statusObject(status: Status): Status {
  if (status.code !== 0) return status;
  const { code: _, ...rest } = status;
  return rest as Status;
}

/** Writes the error as a Status in a media type that the client accepts, or as JSON if there is none. */
export async function writeError(
  context: ServingContext,
  codecs: OfferedCodecs,
  error: unknown,
): Promise<ApiResponse> {
  const { status } = toStatusError(error);
  const retryAfter = status.details?.retryAfterSeconds ?? 0;
  const headers: Record<string, string> = {
    ...(retryAfter > 0 && { 'retry-after': String(retryAfter) }),
    ...(error instanceof RefusedRequest && NO_SNIFFING),
  };
  try {
    const { info, serializer } = await negotiateOutput(context, codecs, NO_TRANSFORMS);
    const object = { ...status };
    const body = (await serializer.encodeInPieces?.(object)) ?? serializer.encode(object);
    return { status: status.code, headers: { 'content-type': info.mediaType, ...headers }, body };
  } catch {
    const body = Buffer.from(JSON.stringify(status, undefined, 2));
    return { status: status.code, headers: { 'content-type': 'application/json', ...headers }, body };
  }
}

/** Whether `writeError` finds a media type that the client accepts. */
export async function acceptsErrors(context: ServingContext, codecs: OfferedCodecs): Promise<boolean> {
  try {
    await negotiateOutput(context, codecs, NO_TRANSFORMS);
    return true;
  } catch {
    return false;
  }
}

export function plainText(status: number, text: string): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...NO_SNIFFING },
    body: Buffer.from(text),
  };
}
