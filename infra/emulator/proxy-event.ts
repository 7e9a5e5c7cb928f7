/** Converts HTTP requests to API Gateway's proxy events (REST API, payload version 1). */

import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/** Headers that API Gateway doesn't forward. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Values in the request context. */
export const API_ID = 'local';
export const DEFAULT_STAGE = 'v1';

export type ProxyEvent = Omit<APIGatewayProxyEvent, 'resource' | 'pathParameters'>;

/**
 * Bodies are base64, since the API declares every type binary. Path and query are decoded, as by the gateway. `stage`:
 * undefined with a custom domain. Returns undefined for a path outside the stage. Throws URIError.
 */
export async function toProxyEvent(
  request: IncomingMessage,
  stage: string | undefined,
): Promise<ProxyEvent | undefined> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  const fullPath = decodeURIComponent(url.pathname);
  const prefix = stage === undefined ? '' : `/${stage}`;
  if (fullPath !== prefix && !fullPath.startsWith(`${prefix}/`)) return undefined;
  const path = fullPath.slice(prefix.length) || '/';
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const query = multiValue([...url.searchParams]);
  const lines = Array.from({ length: request.rawHeaders.length / 2 }, (_, i): [string, string] => [
    request.rawHeaders[2 * i]!,
    request.rawHeaders[2 * i + 1]!,
  ]);
  const headers = multiValue(lines.filter(([name]) => !DROPPED_HEADERS.has(name.toLowerCase())));
  const now = Date.now();
  return {
    path,
    httpMethod: request.method ?? 'GET',
    headers: lastValues(headers),
    multiValueHeaders: headers,
    queryStringParameters: Object.keys(query).length === 0 ? null : lastValues(query),
    multiValueQueryStringParameters: Object.keys(query).length === 0 ? null : query,
    stageVariables: null,
    body: body.byteLength === 0 ? null : body.toString('base64'),
    isBase64Encoded: body.byteLength > 0,
    requestContext: {
      accountId: '000000000000',
      apiId: API_ID,
      authorizer: undefined,
      domainName: request.headers.host?.replace(/:\d+$/, ''),
      protocol: 'HTTP/1.1',
      httpMethod: request.method ?? 'GET',
      path: fullPath,
      stage: stage ?? DEFAULT_STAGE,
      requestId: crypto.randomUUID(),
      requestTimeEpoch: now,
      resourceId: 'local',
      resourcePath: path,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: clientCertificateOf(request),
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.socket.remoteAddress ?? '',
        user: null,
        userAgent: request.headers['user-agent'] ?? null,
        userArn: null,
      },
    },
  };
}

function multiValue(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    values[name] ??= [];
    values[name].push(value);
  }
  return values;
}

function lastValues(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1)!]));
}

function clientCertificateOf({
  socket,
}: IncomingMessage): APIGatewayProxyEvent['requestContext']['identity']['clientCert'] {
  // With mutual TLS the gateway itself rejects certificates that its truststore does not trust.
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  return {
    clientCertPem: certificate.toString(),
    subjectDN: certificate.subject,
    issuerDN: certificate.issuer,
    serialNumber: certificate.serialNumber,
    validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
  };
}
