/**
 * Parameter errors of the templates, which CloudFormation reports before creating anything, and `zeroplane validate`
 * all at once.
 */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { readTemplateParameters } from '../../../infra/cli/template-parameters.ts';

const file = (name: string): string => join(root, 'infra/deploy', `${name}.yaml`);
const NAMED = { template: 'Tenant=acme', fleet: 'Fleet=fleet' } as const;

const GOOD: Readonly<Record<string, readonly string[]>> = {
  AdminArns: [
    '',
    'arn:aws:iam::111122223333:role/team/Platform',
    'arn:aws-cn:iam::111122223333:role/a, arn:aws:iam::111122223333:user/b',
  ],
  CertificateArn: ['arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000'],
  ControllersSchedule: ['rate(1 hour)', 'cron(0 10 * * ? *)'],
  DomainName: ['', 'k8s.example.com', 'A-1.example'],
  KmsKeyArn: ['arn:aws:kms:eu-central-1:111122223333:key/mrk-1234'],
  LogRetentionDays: ['30', '3653'],
  MaxConcurrency: ['0', '1000'],
  VpcEndpointIds: ['vpce-0123456789abcdef0,vpce-0123456789abcdef1'],
  WebAclArn: ['arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/acme/0000'],
};
const BAD: Readonly<Record<string, readonly string[]>> = {
  AdminArns: ['*', 'Platform', 'arn:aws:iam::111122223333:role/a arn:aws:iam::111122223333:role/b'],
  CertificateArn: ['arn:aws:iam::111122223333:server-certificate/a'],
  ControllersSchedule: ['1 hour', 'rate(1 hour) '],
  DomainName: ['https://k8s.example.com', '*.example.com', 'example'],
  KmsKeyArn: ['alias/acme', 'arn:aws:kms:eu-central-1:111122223333:alias/acme'],
  VpcEndpointIds: ['vpc-1', 'vpce-1 vpce-2'],
  WebAclArn: ['arn:aws:wafv2:us-east-1:111122223333:global/webacl/acme/0000'],
};
const ONE_TEMPLATE: readonly (readonly [keyof typeof NAMED, string, readonly string[], readonly string[]])[] =
  [
    ['template', 'OidcIssuerUrl', ['https://issuer.example.com/a'], ['issuer.example.com', 'http://issuer']],
    ['template', 'TruststoreUri', ['s3://bucket/ca.pem'], ['s3://bucket', 'https://bucket/ca.pem']],
    ['template', 'TableName', ['zeroplane-acme-20261129T100000Z'], ['ab', 'a/b']],
    ['template', 'TableStream', ['2026-11-29T10:31:07.412'], ['arn:aws:dynamodb:::stream']],
    ['fleet', 'HostBucket', ['packages.example'], ['s3://packages', 'Packages']],
    ['fleet', 'AllowAddresses', ['10.0.0.0/8,fd00::/8'], ['10.0.0.1', '10.0.0.0/8 fd00::/8']],
  ];
const CASES = [
  ...(['template', 'fleet'] as const).flatMap((template) =>
    Object.keys(GOOD).map((name) => [template, name, GOOD[name]!, BAD[name] ?? []] as const),
  ),
  ...ONE_TEMPLATE,
];

test.each(CASES)('%s: %s', (template, name, good, bad) => {
  const errorsOf = (value: string) =>
    readTemplateParameters(file(template), [NAMED[template], `${name}=${value}`]).errors;
  for (const value of good) expect([value, errorsOf(value)]).toEqual([value, []]);
  for (const value of bad) {
    const start = `${name}: ${JSON.stringify(value)} does not match `;
    expect([value, errorsOf(value)]).toEqual([value, [expect.stringContaining(start)]]);
  }
});

test('all errors are reported at once', () => {
  const given = [
    'Tenants=acme',
    'MemorySize=64',
    'MaxConcurrency=-1',
    'LogRetentionDays=31',
    'RequestLog=some',
  ];
  const { errors } = readTemplateParameters(file('template'), [
    ...given,
    'MemorySize=256',
    'DeletionProtection=yes',
  ]);
  expect(errors).toEqual([
    'the template has no parameter Tenants',
    'MemorySize: given twice',
    'Tenant: a value is needed',
    'MemorySize: 64 is less than 256',
    'MaxConcurrency: -1 is less than 0',
    'RequestLog: "some" is not one of all, errors, none',
    'LogRetentionDays: "31" is not one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
    'DeletionProtection: "yes" is not one of true, false',
  ]);
});

test('values have their declared types, and others their defaults', () => {
  const { values, errors } = readTemplateParameters(file('fleet'), ['MemorySize=2048', 'HostKey=']);
  expect(errors).toEqual(['HostKey: it has less than 1 characters']);
  expect(values).toMatchObject({ MemorySize: 2048, Fleet: 'fleet', MaxConcurrency: 0, DomainName: '' });
});
