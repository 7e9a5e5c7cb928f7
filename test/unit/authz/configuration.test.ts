import { describe, expect, test } from 'vitest';
import { parseAuthorizationConfiguration } from '../../../shared/authz/configuration.ts';

const WEBHOOK = {
  timeout: '3s',
  authorizedTTL: '5m',
  unauthorizedTTL: '30s',
  subjectAccessReviewVersion: 'v1',
  matchConditionSubjectAccessReviewVersion: 'v1',
  failurePolicy: 'Deny',
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/etc/webhook.yaml' },
  matchConditions: [{ expression: 'has(request.resourceAttributes)' }],
};
const webhook = (more: object = {}) => ({ type: 'Webhook', name: 'hook', webhook: { ...WEBHOOK, ...more } });
const RBAC = { type: 'RBAC', name: 'rbac' };
const parse = (authorizers: unknown, version = 'v1') =>
  parseAuthorizationConfiguration(
    JSON.stringify({
      apiVersion: `apiserver.config.k8s.io/${version}`,
      kind: 'AuthorizationConfiguration',
      authorizers,
    }),
  );

test.each(['v1', 'v1beta1', 'v1alpha1'])('%s', async (version) => {
  const [first, second] = await parse([webhook(), RBAC], version);
  expect(second).toEqual(RBAC);
  expect(first).toMatchObject({
    type: 'Webhook',
    name: 'hook',
    webhook: {
      timeout: 3000,
      authorizedTTL: 300_000,
      unauthorizedTTL: 30_000,
      version: 'v1',
      failurePolicy: 'Deny',
      kubeConfigFile: '/etc/webhook.yaml',
    },
  });
  expect(first!.webhook!.matchConditions).toHaveLength(1);
});

test('caches can be disabled', async () => {
  const [entry] = await parse([
    webhook({ cacheAuthorizedRequests: false, cacheUnauthorizedRequests: false }),
  ]);
  expect(entry!.webhook).toMatchObject({ authorizedTTL: 0, unauthorizedTTL: 0 });
});

describe('is rejected:', () => {
  test.each<[string, unknown, string]>([
    ['no authorizers', [], 'authorizers: Required value: at least one authorization mode must be defined'],
    ['no type', [{ name: 'x' }], 'authorizers[0].type: Required value'],
    ['another type', [{ type: 'Magic', name: 'x' }], 'authorizers[0].type: Unsupported value: "Magic"'],
    ['no name', [{ type: 'RBAC' }], 'authorizers[0].name: Required value'],
    ['a bad name', [{ type: 'RBAC', name: 'A B' }], 'authorizers[0].name: Invalid value: "A B"'],
    ['a duplicate type', [RBAC, { type: 'RBAC', name: 'b' }], 'authorizers[1].type: Duplicate value: "RBAC"'],
    [
      'a duplicate name',
      [RBAC, { type: 'Node', name: 'rbac' }],
      'authorizers[1].name: Duplicate value: "rbac"',
    ],
    ['a webhook without its settings', [{ type: 'Webhook', name: 'x' }], 'authorizers[0].webhook: Required'],
    [
      'webhook settings of another type',
      [{ ...RBAC, webhook: WEBHOOK }],
      'may only be specified when type=Webhook',
    ],
    ['no timeout', [webhook({ timeout: undefined })], 'authorizers[0].timeout: Required value'],
    ['a too long timeout', [webhook({ timeout: '31s' })], 'must be > 0s and <= 30s'],
    ['a negative timeout', [webhook({ timeout: '-1s' })], 'must be > 0s and <= 30s'],
    ['an invalid duration', [webhook({ authorizedTTL: '5 minutes' })], 'is not a duration'],
    ['no failure policy', [webhook({ failurePolicy: '' })], 'authorizers[0].failurePolicy: Required value'],
    [
      'an unknown failure policy',
      [webhook({ failurePolicy: 'Allow' })],
      'supported values: "NoOpinion", "Deny"',
    ],
    ['another version', [webhook({ subjectAccessReviewVersion: 'v2' })], 'Unsupported value: "v2"'],
    [
      'conditions without their version',
      [webhook({ matchConditionSubjectAccessReviewVersion: '' })],
      'required if match conditions are specified',
    ],
    [
      'a relative path',
      [webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'x' } })],
      'absolute path',
    ],
    [
      'an in-cluster connection',
      [webhook({ connectionInfo: { type: 'InClusterConfig' } })],
      'is not supported',
    ],
    ['no connection', [webhook({ connectionInfo: undefined })], 'connectionInfo.type: Required value'],
    [
      'a duplicate expression',
      [webhook({ matchConditions: [{ expression: 'true' }, { expression: 'true' }] })],
      'authorizers[0].matchConditions[1].expression: Duplicate value: "true"',
    ],
    [
      'an invalid expression',
      [webhook({ matchConditions: [{ expression: 'request.' }] })],
      'compilation failed',
    ],
    ['too many', [webhook({ matchConditions: Array(65).fill({ expression: 'true' }) })], 'Too many: 65'],
    ['a misspelt field', [webhook({ failurepolicy: 'Deny' })], 'unknown field'],
  ])('%s', async (_name, authorizers, message) => {
    await expect(parse(authorizers)).rejects.toThrow(message);
  });
});
