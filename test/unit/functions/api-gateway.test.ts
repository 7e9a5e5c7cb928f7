import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { toApiRequest } from '../../../functions/adapter/api-gateway-event.ts';
import { toProxyResult, toStreamingResult } from '../../../functions/adapter/api-gateway-result.ts';
import { bufferedHandler } from '../../../functions/adapter/lambda-handler.ts';
import type { ApiRequest } from '../../../shared/request/api-request.ts';

const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

function event(more: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent {
  return {
    httpMethod: 'GET',
    path: '/api/v1/pods',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    resource: '/api/{proxy+}',
    body: null,
    isBase64Encoded: false,
    requestContext: { identity: { sourceIp: '192.0.2.1' } } as APIGatewayProxyEvent['requestContext'],
    ...more,
  };
}

test.each<[string, Partial<APIGatewayProxyEvent>, Partial<ApiRequest> & { text?: string; search?: string }]>([
  [
    'a plain GET',
    {},
    { method: 'GET', path: '/api/v1/pods', text: '', search: '', remoteAddress: '192.0.2.1' },
  ],
  [
    'a path the gateway decoded',
    { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a b%' },
    { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b%25' },
  ],
  [
    'a repeated parameter and header',
    {
      multiValueQueryStringParameters: { labelSelector: ['a=b,c in (d)'], x: ['1', '2'] },
      multiValueHeaders: { Accept: ['application/json'], 'Impersonate-Group': ['a', 'b'] },
    },
    {
      search: 'labelSelector=a%3Db%2Cc+in+%28d%29&x=1&x=2',
      headers: new Map([
        ['accept', ['application/json']],
        ['impersonate-group', ['a', 'b']],
      ]),
    },
  ],
  ['a body as text', { body: '{"a":"é"}' }, { text: '{"a":"é"}' }],
  [
    'a body as base64',
    { body: Buffer.from('k8s\0').toString('base64'), isBase64Encoded: true },
    { text: 'k8s\0' },
  ],
  [
    'a client certificate',
    {
      requestContext: {
        identity: { sourceIp: '', clientCert: { clientCertPem: 'PEM' } },
      } as APIGatewayProxyEvent['requestContext'],
    },
    { clientCertificates: ['PEM'] },
  ],
])('%s', (_, more, expected) => {
  const request = toApiRequest(event(more), context, { canStream: true });
  expect({
    ...request,
    text: new TextDecoder().decode(request.body),
    search: request.query.toString(),
  }).toMatchObject(expected);
});

const body = new TextEncoder().encode('{"a":1}');

test.each([
  ['JSON', { 'content-type': 'application/json' }, { body: '{"a":1}', isBase64Encoded: false }],
  [
    'protobuf',
    { 'content-type': 'application/vnd.kubernetes.protobuf' },
    { body: Buffer.from(body).toString('base64'), isBase64Encoded: true },
  ],
  [
    'compressed JSON',
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { body: Buffer.from(body).toString('base64'), isBase64Encoded: true },
  ],
])('%s as a whole result', async (_, headers, expected) => {
  expect(await toProxyResult({ status: 200, headers: headers as Record<string, string>, body })).toEqual({
    statusCode: 200,
    headers,
    ...expected,
  });
});

test('a stream keeps its headers apart from its chunks', async () => {
  const chunks = (async function* () {
    yield new TextEncoder().encode('a\n');
    yield new TextEncoder().encode('b\n');
  })();
  const result = toStreamingResult({ status: 200, headers: { warning: ['1', '2'], x: 'y' }, body: chunks });
  const read: string[] = [];
  for await (const chunk of result.body) read.push(String(chunk));
  expect({ ...result, body: read }).toEqual({
    statusCode: 200,
    headers: { x: 'y' },
    multiValueHeaders: { warning: ['1', '2'] },
    body: ['a\n', 'b\n'],
  });
});

test('a start that failed is told as a Status, and tried again', async () => {
  let starts = 0;
  const handler = bufferedHandler(async () => {
    if (++starts === 1) throw new Error('secret of the start');
    return async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
  });
  const first = await handler(event(), context);
  expect(first).toMatchObject({ statusCode: 500, isBase64Encoded: false });
  expect(JSON.parse((first as { body: string }).body)).toMatchObject({
    kind: 'Status',
    reason: 'InternalError',
    code: 500,
  });
  expect((first as { body: string }).body).not.toContain('secret');
  expect(await handler(event(), context)).toMatchObject({ statusCode: 200, body: '{"a":1}' });
  expect(starts).toBe(2);
});
