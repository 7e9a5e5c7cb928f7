import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RouteTable } from '../../../infra/emulator/routes.ts';
import { matchesPattern } from '../../../infra/emulator/table-stream.ts';
import { readTemplate, type Template } from '../../../infra/emulator/template.ts';
import { resourcePrefix } from '../../../shared/registry/generic/store.ts';
import { completeOptions } from '../../../shared/server/options/completed-options.ts';
import { flagsOfEnvironment, parseOptions } from '../../../shared/server/options/parse-options.ts';
import { validateOptions } from '../../../shared/server/options/validate-options.ts';
import { TABLE_PROPERTIES } from '../../../shared/storage/dynamodb/table.ts';

const root = resolve(import.meta.dirname, '../../..');
const template = readTemplate(join(root, 'infra/deploy/template.yaml'), { Tenant: 'acme' });
const groups = [
  ...new Set(
    Object.keys(JSON.parse(readFileSync(join(root, 'shared/apis/resources.json'), 'utf8')))
      .filter((groupVersion) => groupVersion.includes('/'))
      .map((groupVersion) => groupVersion.split('/')[0]!),
  ),
];

test.each([
  [{ Tenant: 'acme', Nonsense: '1' }, 'the template has no parameter Nonsense'],
  [{}, 'the template needs a value for parameter Tenant'],
])('%j is rejected', (parameters, message) => {
  expect(() => readTemplate(join(root, 'infra/deploy/template.yaml'), parameters)).toThrow(message);
});

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

  test("the table equals the storage's definition", () => {
    expect(template.tables['Table']).toMatchObject(TABLE_PROPERTIES);
  });

  test('functions know their tenant and its table', () => {
    for (const { environment } of template.functions) {
      expect(environment).toMatchObject({ ZEROPLANE_TENANT: 'acme', ZEROPLANE_TABLE: 'zeroplane-acme' });
    }
  });

  test("functions use a named table instead of the stack's, and have access to no other", () => {
    const parameters = { Tenant: 'acme', TableName: 'restored', TableStream: '2026-11-29T12:00:00.000' };
    const { functions, roles, tables } = readTemplate(join(root, 'infra/deploy/template.yaml'), parameters);
    expect(functions.map(({ environment }) => environment['ZEROPLANE_TABLE'])).toEqual(
      functions.map(() => 'restored'),
    );
    const reached = Object.values(roles).flatMap(({ statements }) =>
      statements.flatMap(({ Resource }) =>
        [Resource].flat().filter((resource) => String(resource).includes(':dynamodb:')),
      ),
    );
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/restored';
    expect(new Set(reached)).toEqual(new Set([arn, `${arn}/stream/2026-11-29T12:00:00.000`]));
    expect(tables).toEqual({});
  });

  test('every other variable sets a flag', () => {
    const own = [
      'ZEROPLANE_TENANT',
      'ZEROPLANE_TABLE',
      'ZEROPLANE_ARGUMENTS',
      'ZEROPLANE_DOMAIN_NAME',
      'ZEROPLANE_REQUEST_LOG',
    ];
    for (const { environment } of template.functions) {
      const others = Object.keys(environment).filter(
        (name) => !own.includes(name) && !name.startsWith('AWS_'),
      );
      expect(flagsOfEnvironment(environment).map(([flag]) => flag)).toHaveLength(others.length);
      const options = completeOptions(parseOptions(flagsOfEnvironment(environment)));
      expect(validateOptions(options)).toEqual([]);
    }
  });

  const kubeconfigOf = ({ parameters }: Template) => parameters['/zeroplane/acme/kubeconfig']!;

  test("the kubeconfig points to the stage, with an IAM identity of the functions' cluster", () => {
    expect(template.stage).toBe('v1');
    const { clusters, users } = parse(kubeconfigOf(template));
    expect(clusters[0].cluster).toEqual({ server: 'https://Api.execute-api.us-east-1.amazonaws.com/v1' });
    const clusterID = template.functions[0]!.environment['ZEROPLANE_AUTHENTICATION_AWS_IAM_CLUSTER_ID'];
    expect(clusterID).toBe('zeroplane-acme.us-east-1.000000000000');
    expect(users[0].user.exec).toMatchObject({
      command: 'aws',
      args: ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', clusterID],
    });
    expect(kubeconfigOf(template).length).toBeLessThan(4096);
  });

  test('a domain needs no stage', () => {
    const parameters = { Tenant: 'acme', DomainName: 'acme.example.com', CertificateArn: 'arn' };
    const withDomain = readTemplate(join(root, 'infra/deploy/template.yaml'), parameters);
    expect(withDomain.stage).toBeUndefined();
    expect(parse(kubeconfigOf(withDomain)).clusters[0].cluster.server).toBe('https://acme.example.com');
  });

  const LEASES = `${resourcePrefix({ group: 'coordination.k8s.io', resource: 'leases' })}#log`;
  const EVENTS = `${resourcePrefix({ group: '', resource: 'events' })}#log`;
  test.each<[string, string, Record<string, unknown>, boolean]>([
    ['a write', 'INSERT', { pk: { S: '/registry/pods#log' }, y: { S: 'p' } }, true],
    ['a deletion', 'INSERT', { pk: { S: '/registry/pods#log' }, y: { S: 'd' } }, true],
    ['a lease', 'INSERT', { pk: { S: LEASES }, y: { S: 'p' } }, false],
    ['an event', 'INSERT', { pk: { S: EVENTS }, y: { S: 'p' } }, false],
    ['an event with an expiry', 'INSERT', { pk: { S: EVENTS }, y: { S: 'd' } }, false],
    ['the claim of a start', 'INSERT', { pk: { S: '/zeroplane/claims#log' }, y: { S: 'p' } }, false],
    ['a filled gap', 'INSERT', { pk: { S: '/registry/pods#log' }, y: { S: 'n' } }, false],
    ['an object', 'INSERT', { pk: { S: '/registry/pods' }, sk: { S: 'default/a' } }, false],
    ['a record expired by TTL', 'REMOVE', { y: { S: 'p' } }, false],
  ])('the stream of %s', (_what, eventName, NewImage, wakes) => {
    const [pattern] = template.functions.flatMap(({ streamPatterns }) => streamPatterns);
    expect(matchesPattern(pattern!, { eventName, dynamodb: { NewImage } })).toBe(wakes);
  });

  const NO_CERTIFICATE = 'DomainName requires CertificateArn';
  const NO_ISSUER = 'Parameters for OpenID Connect claims require OidcIssuerUrl';
  const NO_DOMAIN = 'CertificateArn and TruststoreUri require DomainName';
  const ONE_TABLE = 'TableName and TableStream must be set together';
  const ADDRESS = 'VpcEndpointIds cannot be combined with DomainName';
  const NO_LOGIN =
    'No principal could log in; set AdminArns, OidcIssuerUrl, or an authentication flag in ServerArguments';
  test.each<[Record<string, string>, string[]]>([
    [{}, [NO_LOGIN]],
    [{ AdminArns: 'arn' }, []],
    [{ ServerArguments: '--authentication-config=config/authentication.yaml' }, []],
    [{ OidcIssuerUrl: 'https://issuer.example', OidcClientId: 'kubernetes' }, []],
    [{ OidcIssuerUrl: 'https://issuer.example' }, ['OidcIssuerUrl requires OidcClientId']],
    [{ AdminArns: 'arn', OidcClientId: 'kubernetes' }, ['OidcClientId requires OidcIssuerUrl']],
    ...['OidcUsernameClaim', 'OidcUsernamePrefix', 'OidcGroupsClaim', 'OidcGroupsPrefix'].map(
      (name): [Record<string, string>, string[]] => [{ AdminArns: 'arn', [name]: 'given' }, [NO_ISSUER]],
    ),
    [{ OidcGroupsClaim: 'groups', ServerArguments: '--oidc-issuer-url=https://issuer.example' }, []],
    [{ AdminArns: 'arn', DomainName: 'acme.example.com' }, [NO_CERTIFICATE]],
    [{ AdminArns: 'arn', DomainName: 'acme.example.com', CertificateArn: 'arn' }, []],
    [{ AdminArns: 'arn', CertificateArn: 'arn' }, [NO_DOMAIN]],
    [{ AdminArns: 'arn', TruststoreUri: 's3://bucket/ca.pem' }, [NO_DOMAIN]],
    [{ DomainName: 'acme.example.com', TruststoreUri: 's3://bucket/ca.pem' }, [NO_CERTIFICATE, NO_LOGIN]],
    [{ AdminArns: 'arn', TableName: 'restored' }, [ONE_TABLE]],
    [{ AdminArns: 'arn', TableStream: '2026-11-29T12:00:00.000' }, [ONE_TABLE]],
    [{ AdminArns: 'arn', TableName: 'restored', TableStream: '2026-11-29T12:00:00.000' }, []],
    [{ AdminArns: 'arn', VpcEndpointIds: 'vpce-1' }, []],
    [
      { AdminArns: 'arn', VpcEndpointIds: 'vpce-1', DomainName: 'a.example.com', CertificateArn: 'arn' },
      [ADDRESS],
    ],
  ])('parameters %j', (parameters, objections) => {
    const given = { ...parameters, Tenant: 'acme' };
    expect(readTemplate(join(root, 'infra/deploy/template.yaml'), given).objections).toEqual(objections);
  });

  test('a parameter without a value is required', () => {
    expect(() => readTemplate(join(root, 'infra/deploy/template.yaml'), {})).toThrow(
      'the template needs a value for parameter Tenant',
    );
  });
});
