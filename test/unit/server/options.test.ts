import { describe, expect, test } from 'vitest';
import { completeOptions } from '../../../shared/server/options/completed-options.ts';
import { featureEnabled } from '../../../shared/server/options/feature-gates.ts';
import type { ServerRunOptions } from '../../../shared/server/options/options.ts';
import {
  flagsOfArguments,
  flagsOfEnvironment,
  parseOptions,
} from '../../../shared/server/options/parse-options.ts';
import { optionWarnings, validateOptions } from '../../../shared/server/options/validate-options.ts';

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
])('from %s', (_from, texts) => {
  expect(parseOptions(texts)).toEqual(EXPECTED);
});

test('from the environment, among other variables', () => {
  const environment = { ZEROPLANE_REQUEST_TIMEOUT: '2m', ZEROPLANE_TABLE: 't', PATH: '/bin' };
  expect(parseOptions(flagsOfEnvironment(environment))).toEqual({ requestTimeoutSeconds: 120 });
});

test('a boolean flag alone is true', () => {
  expect(parseOptions(flagsOfArguments(['--enable-bootstrap-token-auth']))).toEqual({
    enableBootstrapTokenAuth: true,
  });
});

test('every invalid flag is named', () => {
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
  const errors = (options: Partial<ServerRunOptions>) => validateOptions(completeOptions(options));

  test('the defaults are valid', () => {
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
      'service-cluster-ip-range[0] is not a valid cidr',
      'authorization-mode "Magic" is not a valid mode',
      'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      `service-account-issuer ":x" contained a ':' but was not a valid URL`,
    ]);
  });

  const log = { auditLogPath: '-' };
  const webhook = { auditWebhookConfigFile: '/webhook' };
  test.each<[string, Partial<ServerRunOptions>, string[]]>([
    ["unused options aren't validated", { auditLogMode: 'x', auditWebhookMode: 'y', auditLogMaxAge: -1 }, []],
    ['the defaults', { ...log, ...webhook }, []],
    [
      'modes',
      { ...log, ...webhook, auditLogMode: 'x', auditWebhookMode: 'y' },
      [
        'invalid audit log mode x, allowed modes are "batch,blocking,blocking-strict"',
        'invalid audit webhook mode y, allowed modes are "batch,blocking,blocking-strict"',
      ],
    ],
    [
      'batches',
      { ...log, ...webhook, auditLogMode: 'batch', auditLogBatchMaxSize: 0, auditWebhookBatchBufferSize: -1 },
      [
        'invalid audit batch log max batch size 0, must be a positive number',
        'invalid audit batch webhook buffer size -1, must be a positive number',
      ],
    ],
    ["batch options aren't validated in blocking mode", { ...log, auditLogBatchBufferSize: 0 }, []],
    [
      'a throttle',
      {
        ...log,
        ...webhook,
        auditLogMode: 'batch',
        auditLogBatchThrottleEnable: true,
        auditWebhookBatchThrottleBurst: 0,
      },
      [
        'invalid audit batch log throttle QPS 0, must be a positive number',
        'invalid audit batch webhook throttle burst 0, must be a positive number',
      ],
    ],
    [
      'no throttle',
      { ...webhook, auditWebhookBatchThrottleEnable: false, auditWebhookBatchThrottleQPS: 0 },
      [],
    ],
    [
      'sizes',
      { ...log, ...webhook, auditLogTruncateMaxEventSize: 0, auditWebhookTruncateMaxBatchSize: 7 },
      [
        'invalid audit truncate log max event size 0, must be a positive number',
        'invalid audit truncate webhook max batch size 7, must be greater than max event size (102400)',
      ],
    ],
    [
      'files',
      { ...log, auditLogMaxAge: -1, auditLogMaxBackup: -2, auditLogMaxSize: -3, auditLogFormat: 'xml' },
      [
        'invalid audit log format xml, allowed formats are "legacy,json"',
        "--audit-log-maxage -1 can't be a negative number",
        "--audit-log-maxbackup -2 can't be a negative number",
        "--audit-log-maxsize -3 can't be a negative number",
      ],
    ],
    [
      'versions',
      { ...log, auditLogVersion: 'audit.k8s.io/v1beta1' },
      ['invalid group version, allowed versions are ["audit.k8s.io/v1"]'],
    ],
  ])('of audit: %s', (_name, options, expected) => {
    expect(errors(options)).toEqual(expected);
  });

  test('audit flags', () => {
    const flags = [
      '--audit-log-mode=batch',
      '--audit-webhook-batch-throttle-qps=2.5',
      '--audit-log-compress',
    ];
    const more = ['--audit-log-batch-max-wait=1s', '--audit-webhook-truncate-max-event-size=7'];
    expect(parseOptions(flagsOfArguments([...flags, ...more]))).toEqual({
      auditLogMode: 'batch',
      auditWebhookBatchThrottleQPS: 2.5,
      auditLogCompress: true,
      auditLogBatchMaxWaitSeconds: 1,
      auditWebhookTruncateMaxEventSize: 7,
    });
    expect(() => parseOptions(flagsOfArguments(['--audit-webhook-batch-throttle-qps=1/2']))).toThrow(
      'strconv.ParseFloat: parsing "1/2": invalid syntax',
    );
  });

  test('completion', () => {
    expect(completeOptions({ serviceAccountIssuer: ['https://i'] })).toMatchObject({
      apiAudiences: ['https://i'],
      authorizationMode: ['AlwaysAllow'],
    });
  });

  test.each([
    ['api/v1', [['/v1', '']]],
    ['v1=true,api/legacy=false', [['/v1', 'true']]],
    ['api/v1/pods=true', [['/v1', 'true']]],
    ['apps/v1=false', [['apps/v1', 'false']]],
  ])('legacy names of the core group: --runtime-config=%s', (text, expected) => {
    const options = completeOptions(parseOptions(flagsOfArguments([`--runtime-config=${text}`])));
    expect([...options.runtimeConfig]).toEqual(expected);
  });
});

const gatesOf = (text: string) =>
  completeOptions(parseOptions(flagsOfArguments([`--feature-gates=${text}`])));

describe('feature gates', () => {
  test.each<[string, string[]]>([
    ['GenericWorkload=true,PodTopologyLabelsAdmission=F', []],
    ['kube:CBORServingAndStorage=1', []],
    ['AllAlpha=false,AllBeta=true', []],
    ['Nothing=true', ['unrecognized feature gate: Nothing']],
    ['GenericWorkload', ['missing bool value for GenericWorkload']],
    [
      'GenericWorkload=maybe',
      ['invalid value of GenericWorkload=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax'],
    ],
    ['VolumeAttributesClass=true', []],
    [
      'VolumeAttributesClass=false',
      ['cannot set feature gate VolumeAttributesClass to false, feature is locked to true'],
    ],
    [
      'DRAWorkloadResourceClaims=true',
      ['DRAWorkloadResourceClaims is enabled, but depends on features that are disabled: [GenericWorkload]'],
    ],
  ])('%s', (text, errors) => {
    expect(validateOptions(gatesOf(text))).toEqual(errors);
  });

  test.each<[string, string, boolean]>([
    ['', 'NodeDeclaredFeatures', true],
    ['', 'GenericWorkload', false],
    ['', 'Nothing', false],
    ['GenericWorkload=True', 'GenericWorkload', true],
    ['AllAlpha=true', 'EmptyDirVolumeMode', true],
    ['AllAlpha=true,EmptyDirVolumeMode=false', 'EmptyDirVolumeMode', false],
    ['AllBeta=true', 'GenericWorkload', true],
    ['AllBeta=false', 'HPAGeneration', false],
    ['AllBeta=false', 'VolumeAttributesClass', true],
  ])('--feature-gates=%s: %s is %s', (text, name, enabled) => {
    expect(featureEnabled(gatesOf(text), name)).toBe(enabled);
  });

  test('gates to be removed cause a warning', () => {
    const text = 'VolumeAttributesClass=true,AllowDNSOnlyNodeCSR=true,GenericWorkload=true';
    expect(optionWarnings({ ...gatesOf(text), admissionControl: ['LimitRanger'] })).toEqual([
      'Setting GA feature gate VolumeAttributesClass=true. It will be removed in a future release.',
      'Setting deprecated feature gate AllowDNSOnlyNodeCSR=true. It will be removed in a future release.',
      'Flag --admission-control has been deprecated, Use --enable-admission-plugins or --disable-admission-plugins instead. Will be removed in a future version.',
    ]);
  });
});
