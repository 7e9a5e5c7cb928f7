import { expect, test } from 'vitest';
import type { RequestInfo } from '../../../shared/request/request-info.ts';
import { newRequestInfo } from '../../../shared/request/request-info-factory.ts';

const parse = (method: string, url: string): RequestInfo => {
  const [path, query] = url.split(/\?(.*)/s);
  return newRequestInfo({ method, path: path!, query: new URLSearchParams(query) });
};

/** verb, prefix, group, version, namespace, resource, subresource, name, parts */
type Expected = [string, string, string, string, string, string, string, string, string[]];

test.each<[method: string, url: string, expected: Expected]>([
  // The cases of upstream's requestinfo_test.go.
  ['GET', '/api/v1/namespaces', ['list', 'api', '', 'v1', '', 'namespaces', '', '', ['namespaces']]],
  [
    'GET',
    '/api/v1/namespaces/other',
    ['get', 'api', '', 'v1', 'other', 'namespaces', '', 'other', ['namespaces', 'other']],
  ],
  ['GET', '/api/v1/namespaces/other/pods', ['list', 'api', '', 'v1', 'other', 'pods', '', '', ['pods']]],
  [
    'GET',
    '/api/v1/namespaces/other/pods/foo',
    ['get', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods', 'foo']],
  ],
  [
    'HEAD',
    '/api/v1/namespaces/other/pods/foo',
    ['get', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods', 'foo']],
  ],
  ['GET', '/api/v1/pods', ['list', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  ['HEAD', '/api/v1/pods', ['list', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  [
    'GET',
    '/api/v1/namespaces/other/pods/foo/log',
    ['get', 'api', '', 'v1', 'other', 'pods', 'log', 'foo', ['pods', 'foo', 'log']],
  ],
  [
    'GET',
    '/api/v1/proxy/namespaces/other/pods/foo',
    ['proxy', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods', 'foo']],
  ],
  [
    'GET',
    '/api/v1/proxy/namespaces/other/pods/foo/subpath/not/a/subresource',
    [
      'proxy',
      'api',
      '',
      'v1',
      'other',
      'pods',
      '',
      'foo',
      ['pods', 'foo', 'subpath', 'not', 'a', 'subresource'],
    ],
  ],
  ['GET', '/api/v1/watch/pods', ['watch', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  ['GET', '/api/v1/pods?watch=true', ['watch', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  ['GET', '/api/v1/pods?watch=false', ['list', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  [
    'GET',
    '/api/v1/watch/namespaces/other/pods',
    ['watch', 'api', '', 'v1', 'other', 'pods', '', '', ['pods']],
  ],
  [
    'GET',
    '/api/v1/namespaces/other/pods?watch=1',
    ['watch', 'api', '', 'v1', 'other', 'pods', '', '', ['pods']],
  ],
  [
    'GET',
    '/api/v1/namespaces/other/pods?watch=0',
    ['list', 'api', '', 'v1', 'other', 'pods', '', '', ['pods']],
  ],
  [
    'GET',
    '/api/v1/namespaces/other/pods/foo/status',
    ['get', 'api', '', 'v1', 'other', 'pods', 'status', 'foo', ['pods', 'foo', 'status']],
  ],
  [
    'PUT',
    '/api/v1/namespaces/other/finalize',
    [
      'update',
      'api',
      '',
      'v1',
      'other',
      'namespaces',
      'finalize',
      'other',
      ['namespaces', 'other', 'finalize'],
    ],
  ],
  [
    'PUT',
    '/api/v1/namespaces/other/status',
    ['update', 'api', '', 'v1', 'other', 'namespaces', 'status', 'other', ['namespaces', 'other', 'status']],
  ],
  [
    'PATCH',
    '/api/v1/namespaces/other/pods/foo',
    ['patch', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods', 'foo']],
  ],
  [
    'DELETE',
    '/api/v1/namespaces/other/pods/foo',
    ['delete', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods', 'foo']],
  ],
  ['POST', '/api/v1/namespaces/other/pods', ['create', 'api', '', 'v1', 'other', 'pods', '', '', ['pods']]],
  ['DELETE', '/api/v1/nodes', ['deletecollection', 'api', '', 'v1', '', 'nodes', '', '', ['nodes']]],
  [
    'DELETE',
    '/apis/extensions/v1/namespaces/other/pods',
    ['deletecollection', 'apis', 'extensions', 'v1', 'other', 'pods', '', '', ['pods']],
  ],
  [
    'POST',
    '/apis/extensions/v1/namespaces/other/pods/foo/bar/baz',
    ['create', 'apis', 'extensions', 'v1', 'other', 'pods', 'bar', 'foo', ['pods', 'foo', 'bar', 'baz']],
  ],
  // Selectors on names.
  [
    'GET',
    '/api/v1/namespaces/other/pods?fieldSelector=metadata.name=foo',
    ['list', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods']],
  ],
  [
    'GET',
    '/api/v1/namespaces/other/pods?watch=true&fieldSelector=metadata.name%3Dfoo',
    ['watch', 'api', '', 'v1', 'other', 'pods', '', 'foo', ['pods']],
  ],
  [
    'GET',
    '/api/v1/pods?fieldSelector=metadata.name=foo/',
    ['list', 'api', '', 'v1', '', 'pods', '', '', ['pods']],
  ],
  [
    'GET',
    '/api/v1/pods?limit=x&watch=1&fieldSelector=metadata.name=foo',
    ['watch', 'api', '', 'v1', '', 'pods', '', '', ['pods']],
  ],
  // Routing decodes percent-encoding.
  [
    'GET',
    '/api/v1/namespaces/other/pods/a%2Fb',
    ['get', 'api', '', 'v1', 'other', 'pods', 'b', 'a', ['pods', 'a', 'b']],
  ],
  // Methods without a verb.
  ['OPTIONS', '/api/v1/pods', ['', 'api', '', 'v1', '', 'pods', '', '', ['pods']]],
  ['OPTIONS', '/healthz', ['options', '', '', '', '', '', '', '', []]],
  // Non-resource requests.
  ['GET', '/', ['get', '', '', '', '', '', '', '', []]],
  ['GET', '/api', ['get', '', '', '', '', '', '', '', []]],
  ['GET', '/api/v1', ['get', '', '', '', '', '', '', '', []]],
  ['GET', '/apis/apps', ['get', '', '', '', '', '', '', '', []]],
  ['GET', '/apis/apps/v1', ['get', 'apis', '', '', '', '', '', '', []]],
  ['POST', '/healthz', ['post', '', '', '', '', '', '', '', []]],
])('%s %s', (method, url, expected) => {
  const info = parse(method, url);
  expect([
    info.verb,
    info.apiPrefix,
    info.apiGroup,
    info.apiVersion,
    info.namespace,
    info.resource,
    info.subresource,
    info.name,
    info.parts,
  ]).toEqual(expected);
  expect(info.isResourceRequest).toBe(info.apiVersion !== '');
});

test('selectors are kept for authorization', () => {
  const info = parse('GET', '/api/v1/pods?fieldSelector=spec.nodeName=a&labelSelector=b%3Dc');
  expect([info.fieldSelector, info.labelSelector]).toEqual(['spec.nodeName=a', 'b=c']);
  expect(parse('GET', '/api/v1/watch/pods?labelSelector=b').labelSelector).toBe('');
});

test.each([
  ['/api/v1/pods/%ff', '\ufffd'],
  ['/api/v1/pods/%c3%28', '\ufffd('],
  ['/api/v1/pods/ä%ff', 'ä\ufffd'],
  ['/api/v1/pods/%c3%a4', 'ä'],
])('invalid UTF-8 matches no name: %s', (path, name) => {
  expect(newRequestInfo({ method: 'GET', path, query: new URLSearchParams() }).name).toBe(name);
});

test.each(['/api/v1/watch', '/api/v1/proxy', '/api/v1/%zz', '/api/v1/%2'])('%s is rejected', (path) => {
  expect(() => parse('GET', path)).toThrow(expect.objectContaining({ name: 'StatusError' }));
});
