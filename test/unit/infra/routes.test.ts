import { describe, expect, test } from 'vitest';
import { RouteTable } from '../../../infra/emulator/routes.ts';

const table = new RouteTable(
  [
    ['ANY', '/{proxy+}'],
    ['ANY', '/'],
    ['ANY', '/api'],
    ['ANY', '/api/{proxy+}'],
    ['ANY', '/apis/{group}'],
    ['ANY', '/apis/{group}/{proxy+}'],
    ['ANY', '/apis/apps/{proxy+}'],
    ['GET', '/apis/apps/special'],
  ].map(([method, path]) => ({ method: method!, path: path!, target: `${method} ${path}` })),
);

describe('the gateway routes', () => {
  test.each<[string, string, string, Record<string, string> | null]>([
    ['GET', '/', 'ANY /', null],
    ['GET', '/api', 'ANY /api', null],
    ['GET', '/api/v1', 'ANY /api/{proxy+}', { proxy: 'v1' }],
    ['GET', '/api/v1/namespaces/a', 'ANY /api/{proxy+}', { proxy: 'v1/namespaces/a' }],
    ['GET', '/apis', 'ANY /{proxy+}', { proxy: 'apis' }],
    ['GET', '/apis/apps', 'ANY /apis/{group}', { group: 'apps' }],
    ['GET', '/apis/apps/v1', 'ANY /apis/apps/{proxy+}', { proxy: 'v1' }],
    ['GET', '/apis/apps/special', 'GET /apis/apps/special', null],
    ['POST', '/apis/apps/special', 'ANY /apis/apps/{proxy+}', { proxy: 'special' }],
    [
      'GET',
      '/apis/example.com/v1/widgets',
      'ANY /apis/{group}/{proxy+}',
      { group: 'example.com', proxy: 'v1/widgets' },
    ],
    ['GET', '/healthz', 'ANY /{proxy+}', { proxy: 'healthz' }],
    ['GET', '/api/', 'ANY /{proxy+}', { proxy: 'api/' }],
  ])('%s %s -> %s', (method, path, target, pathParameters) => {
    expect(table.match(method, path)).toEqual({ target, resource: target.split(' ')[1], pathParameters });
  });

  test('no match', () => {
    expect(new RouteTable([{ method: 'GET', path: '/a', target: 1 }]).match('GET', '/b')).toBeUndefined();
  });
});
