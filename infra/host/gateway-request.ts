/** What an API gateway in front of a host says of a request, in headers that only it can send. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { type ApiRequest, changedRequest, headerOf } from '../../shared/request/api-request.ts';

/** Headers that the template's API sets, whatever clients send under these names: see fleet.yaml. */
const HEADERS = {
  /** What gateway and host both know. */
  secret: 'x-zeroplane-gateway',
  /** The name that the client called. */
  host: 'x-zeroplane-host',
  source: 'x-zeroplane-source',
  api: 'x-zeroplane-api',
  stage: 'x-zeroplane-stage',
} as const;

export interface GatewayRequest {
  /** Without the gateway's headers. */
  readonly request: ApiRequest;
  /** The gateway's own address of its API; undefined where no gateway says so. */
  readonly endpoint: string | undefined;
}

/** Of one length, so that it takes the same time to compare whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The request as the client sent it to the gateway. Without a `secret` there is no gateway: the request was sent to
 * this host. Undefined for a request that comes by another way than the gateway.
 */
export function gatewayRequest(
  request: ApiRequest,
  { secret, region }: { readonly secret: string | undefined; readonly region: string | undefined },
): GatewayRequest | undefined {
  const said = (name: keyof typeof HEADERS): string | undefined => headerOf(request.headers, HEADERS[name]);
  const headers = new Map(request.headers);
  for (const name of Object.values(HEADERS)) headers.delete(name);
  if (secret === undefined) return { request: changedRequest(request, { headers }), endpoint: undefined };
  if (!timingSafeEqual(digest(said('secret') ?? ''), digest(secret))) return undefined;
  const [api, stage] = [said('api'), said('stage')];
  const suffix = region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    request: changedRequest(request, { headers, host: said('host'), remoteAddress: said('source') }),
    endpoint: region && api && stage && `https://${api}.execute-api.${region}.${suffix}/${stage}`,
  };
}
