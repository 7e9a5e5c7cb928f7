import { describe, expect, test } from 'vitest';
import { completeOptions } from '../../../shared/server/completed-options.ts';
import { newScheme } from '../../../shared/server/generic-config.ts';
import type { ServerRunOptions } from '../../../shared/server/options.ts';
import {
  flagsOfArguments,
  flagsOfEnvironment,
  flagsOfObject,
  parseOptions,
} from '../../../shared/server/parse-options.ts';
import { validateOptions } from '../../../shared/server/validate-options.ts';

const EXPECTED: Partial<ServerRunOptions> = {
  requestTimeoutSeconds: 90,
  maxRequestsInFlight: 10,
  anonymousAuth: false,
  authorizationMode: ['RBAC', 'AlwaysAllow'],
  runtimeConfig: new Map([
    ['api/all', 'true'],
    ['batch/v1', 'false'],
  ]),
  serviceNodePortRange: { from: 30000, to: 30010 },
  serviceAccountIssuer: ['https://a,b', 'https://c'],
};

test.each([
  [
    'arguments',
    flagsOfArguments([
      '--request-timeout=1m30s',
      '--max-requests-inflight',
      '10',
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      '--authorization-mode=AlwaysAllow',
      '--runtime-config=api/all=true,batch/v1=false',
      '--service-node-port-range=30000+10',
      '--service-account-issuer=https://a,b',
      '--service-account-issuer=https://c',
    ]),
  ],
  [
    'a file',
    flagsOfObject({
      'request-timeout': '90s',
      'max-requests-inflight': 10,
      'anonymous-auth': false,
      'authorization-mode': ['RBAC', 'AlwaysAllow'],
      'runtime-config': 'api/all=true,batch/v1=false',
      'service-node-port-range': '30000-30010',
      'service-account-issuer': ['https://a,b', 'https://c'],
    }),
  ],
])('from %s', (_from, texts) => {
  expect(parseOptions(texts)).toEqual(EXPECTED);
});

test('from the environment, among other things', () => {
  const environment = { ZEROPLANE_REQUEST_TIMEOUT: '2m', ZEROPLANE_TABLE: 't', PATH: '/bin' };
  expect(parseOptions(flagsOfEnvironment(environment))).toEqual({ requestTimeoutSeconds: 120 });
});

test('a boolean flag alone is true', () => {
  expect(parseOptions(flagsOfArguments(['--enable-bootstrap-token-auth']))).toEqual({
    enableBootstrapTokenAuth: true,
  });
});

test('every flag that cannot be read is named', () => {
  const texts = flagsOfArguments(['--nothing=1', '--max-requests-inflight=x', '--event-ttl=1y']);
  expect(() => parseOptions(texts)).toThrow(
    new Error(
      [
        'unknown flag: --nothing',
        'invalid argument "x" for "--max-requests-inflight" flag: strconv.ParseInt: parsing "x": invalid syntax',
        'invalid argument "1y" for "--event-ttl" flag: time: invalid duration "1y"',
      ].join('\n'),
    ),
  );
});

describe('validation', () => {
  const scheme = newScheme();
  const errors = (options: Partial<ServerRunOptions>) => validateOptions(completeOptions(options), scheme);

  test('the defaults are good', () => {
    expect(errors({})).toEqual([]);
  });

  test('reports everything at once', () => {
    expect(
      errors({
        maxRequestsInFlight: -1,
        deleteCollectionWorkers: 0,
        serviceClusterIPRange: 'x',
        authorizationMode: ['Magic'],
        runtimeConfig: new Map([['nothing.example.com/v1', 'true']]),
        oidcIssuerURL: 'https://issuer.example.com',
        serviceAccountIssuer: [':x'],
      }),
    ).toEqual([
      '--max-requests-inflight can not be negative value',
      '--delete-collection-workers must be at least 1',
      'unknown api groups nothing.example.com/v1',
      '--service-cluster-ip-range must contain at least one valid cidr',
      'authorization-mode "Magic" is not a valid mode',
      'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      `service-account-issuer ":x" contained a ':' but was not a valid URL`,
    ]);
  });

  test('completion', () => {
    expect(completeOptions({ serviceAccountIssuer: ['https://i'] })).toMatchObject({
      apiAudiences: ['https://i'],
      authorizationMode: ['AlwaysAllow'],
    });
  });
});
