import { describe, expect, test } from 'vitest';
import { parseAccept } from '../../../shared/endpoints/codec/accept.ts';
import {
  negotiateInput,
  negotiateOutput,
  parseMediaType,
} from '../../../shared/endpoints/codec/negotiation.ts';
import { restrictionsOf } from '../../../shared/endpoints/resource/request-scope.ts';
import { ServingContext } from '../../../shared/endpoints/routing/serving-context.ts';
import { StatusError } from '../../../shared/meta/status-error.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import { ANONYMOUS } from '../../../shared/request/user-info.ts';
import { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../../../shared/runtime/serializer/scheme-kinds.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';

const codecs = new CodecFactory(schemeKinds(newScheme()), [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
]);
const contextOf = (headers: Record<string, string>, query = ''): ServingContext =>
  new ServingContext(
    {
      method: 'GET',
      path: '/',
      query: new URLSearchParams(query),
      headers: headerFields(Object.entries(headers)),
      body: new Uint8Array(),
      signal: new AbortController().signal,
      canStream: true,
    },
    { user: ANONYMOUS },
  );

test.each<[header: string, clauses: string[]]>([
  ['application/json', ['application/json 1']],
  ['a/b;q=0.5, c/d', ['c/d 1', 'a/b 0.5']],
  ['*/*, a/*, a/b', ['a/b 1', 'a/* 1', '*/* 1']],
  ['a/b;q=x', ['a/b 1']],
  ['*', ['*/* 1']],
  ['a, a/b/c', []],
])('Accept: %s', (header, clauses) => {
  expect(parseAccept(header).map(({ type, subType, q }) => `${type}/${subType} ${q}`)).toEqual(clauses);
});

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('output', () => {
  test.each<[accept: string, mediaType: string, kind: string]>([
    ['', 'application/json', ''],
    ['*/*', 'application/json', ''],
    ['application/*', 'application/json', ''],
    ['application/yaml', 'application/yaml', ''],
    ['application/vnd.kubernetes.protobuf, application/json', 'application/vnd.kubernetes.protobuf', ''],
    [`${TABLE},application/json`, 'application/json', 'Table'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/yaml', 'application/yaml', ''],
    [
      'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json',
      'application/json',
      '',
    ],
    ['application/json;stream=watch', 'application/json', ''],
    ['text/html, application/json;q=0.1', 'application/json', ''],
  ])('%s', async (accept, mediaType, kind) => {
    const output = await negotiateOutput(
      contextOf(accept === '' ? {} : { accept }),
      codecs,
      restrictionsOf({ hasTables: true }),
    );
    expect([output.info.mediaType, output.convert?.kind ?? '']).toEqual([mediaType, kind]);
  });

  test.each(['text/html', 'application/cbor', 'application/json;stream=other', 'application/json;sv=v2'])(
    '%s is rejected',
    async (accept) => {
      await expect(
        negotiateOutput(contextOf({ accept }), codecs, restrictionsOf({ hasTables: true })),
      ).rejects.toThrow(
        new StatusError({
          code: 406,
          reason: 'NotAcceptable',
          message:
            'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
        }),
      );
    },
  );

  test.each<[headers: Record<string, string>, query: string, pretty: boolean]>([
    [{}, '', false],
    [{}, 'pretty=true', true],
    [{}, 'pretty=maybe', false],
    [{ 'user-agent': 'curl/8.0' }, '', true],
    [{ 'user-agent': 'curl/8.0' }, 'pretty=false', false],
    [{ 'user-agent': 'kubectl/v1.36.3' }, '', false],
    [{ accept: 'application/json;pretty=1' }, '', true],
    [{ accept: 'application/yaml' }, 'pretty=1', false],
  ])('%j %s', async (headers, query, pretty) => {
    const output = await negotiateOutput(
      contextOf(headers, query),
      codecs,
      restrictionsOf({ hasTables: true }),
    );
    expect(output.pretty).toBe(pretty);
  });
});

test.each<[contentType: string, mediaType: string | undefined]>([
  ['application/json', 'application/json'],
  ['Application/JSON; charset=utf-8', 'application/json'],
  ['application', undefined],
  ['a b/c', undefined],
  ['', undefined],
])('Content-Type: %s', (contentType, mediaType) => {
  expect(parseMediaType(contentType)).toBe(mediaType);
});

test('bodies without a type are JSON, unknown types are rejected', async () => {
  expect((await negotiateInput(contextOf({}), codecs)).mediaType).toBe('application/json');
  const yaml = contextOf({ 'content-type': 'application/yaml; charset=utf-8' });
  expect((await negotiateInput(yaml, codecs)).mediaType).toBe('application/yaml');
  await expect(negotiateInput(contextOf({ 'content-type': 'text/plain' }), codecs)).rejects.toThrow(
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
});

test('custom resources are not available in protobuf, but their metadata is', async () => {
  const restrictions = restrictionsOf({ hasTables: true, custom: { listKind: 'CronTabList' } });
  const protobuf = 'application/vnd.kubernetes.protobuf';
  await expect(negotiateOutput(contextOf({ accept: protobuf }), codecs, restrictions)).rejects.toThrow(
    'only the following media types are accepted',
  );
  const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
  const output = await negotiateOutput(contextOf({ accept }), codecs, restrictions);
  expect(output.info.mediaType).toBe(protobuf);
});
