import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RouteTable } from '../../../infra/lambda-host/routes.ts';
import { readTemplate } from '../../../infra/lambda-host/template.ts';
import { TABLE_PROPERTIES } from '../../../shared/storage/dynamodb/table.ts';

const root = resolve(import.meta.dirname, '../../..');
const template = readTemplate(join(root, 'infra/template.yaml'), { Tenant: 'acme' });
const groups = [
  ...new Set(
    Object.keys(JSON.parse(readFileSync(join(root, 'shared/apis/resources.json'), 'utf8')))
      .filter((groupVersion) => groupVersion.includes('/'))
      .map((groupVersion) => groupVersion.split('/')[0]!),
  ),
];

describe('the SAM template', () => {
  const table = new RouteTable(
    template.functions.flatMap(({ handler, routes }) =>
      routes.map(({ method, path }) => ({ method, path, target: handler.split('.')[0]! })),
    ),
  );
  const owners: [string, string][] = [
    ['/', 'aggregator'],
    ['/api', 'aggregator'],
    ['/apis', 'aggregator'],
    ['/openapi/v3', 'aggregator'],
    ['/apis/example.com/v1/widgets', 'apiextensions'],
    ['/api/v1/pods', 'kube-apiserver'],
    ...groups.flatMap((group): [string, string][] => {
      const owner =
        { 'apiextensions.k8s.io': 'apiextensions', 'apiregistration.k8s.io': 'aggregator' }[group] ??
        'kube-apiserver';
      return [
        [`/apis/${group}`, 'aggregator'],
        [`/apis/${group}/v1`, owner],
        [`/apis/${group}/v1/things/x/status`, owner],
      ];
    }),
  ];

  test.each(owners)('%s goes to %s', (path, owner) => {
    expect(table.match('GET', path)?.target).toBe(owner);
  });

  test('every route streams', () => {
    const buffered = template.functions.flatMap(({ routes }) =>
      routes.filter(({ isStreaming }) => !isStreaming),
    );
    expect(buffered).toEqual([]);
  });

  test('the table is the one that the storage defines', () => {
    expect(template.tables['Table']).toMatchObject(TABLE_PROPERTIES);
  });

  test('functions know their tenant and its table', () => {
    for (const { environment } of template.functions) {
      expect(environment).toMatchObject({ ZEROPLANE_TENANT: 'acme', ZEROPLANE_TABLE: 'zeroplane-acme' });
    }
  });

  test('a parameter without a value is asked for', () => {
    expect(() => readTemplate(join(root, 'infra/template.yaml'), {})).toThrow(
      'the template needs a value for parameter Tenant',
    );
  });
});
