/** Information on a request from the API gateway in front of a host, in headers that only the gateway can send. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { type ApiRequest, changedRequest, headerOf } from '../../shared/request/api-request.ts';

/** Headers that the template's API sets, overriding those of clients: see fleet.yaml. */
const HEADERS = {
  /** Shared secret of gateway and host. */
  secret: 'x-zeroplane-gateway',
  /** The host name in the client's request. */
  host: 'x-zeroplane-host',
  source: 'x-zeroplane-source',
  api: 'x-zeroplane-api',
  stage: 'x-zeroplane-stage',
} as const;

export interface GatewayRequest {
  /** Without the gateway's headers. */
  readonly request: ApiRequest;
  /** The gateway's own address of its API; undefined if the request came without a gateway. */
  readonly endpoint: string | undefined;
}

/** Of fixed length, for a comparison in constant time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The request as the client sent it to the gateway. Without a `secret` there is no gateway: the request was sent to
 * this host. Undefined for a request that bypassed the gateway.
 */
export function gatewayRequest(
  request: ApiRequest,
  { secret, region }: { readonly secret: string | undefined; readonly region: string | undefined },
): GatewayRequest | undefined {
  const header = (name: keyof typeof HEADERS): string | undefined => headerOf(request.headers, HEADERS[name]);
  const headers = new Map(request.headers);
  for (const name of Object.values(HEADERS)) headers.delete(name);
  if (secret === undefined) return { request: changedRequest(request, { headers }), endpoint: undefined };
  if (!timingSafeEqual(digest(header('secret') ?? ''), digest(secret))) return undefined;
  const [api, stage] = [header('api'), header('stage')];
  const suffix = region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    request: changedRequest(request, { headers, host: header('host'), remoteAddress: header('source') }),
    endpoint: region && api && stage && `https://${api}.execute-api.${region}.${suffix}/${stage}`,
  };
}
