import { describe, expect, test } from 'vitest';
import { loadPolicy } from '../../../shared/audit/policy.ts';
import { PolicyRuleEvaluator } from '../../../shared/audit/policy-evaluator.ts';
import type { RequestInfo } from '../../../shared/request/request-info.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const user = (name: string, ...groups: string[]) => ({ name, uid: '', groups, extra: {} });
const info = (verb: string, resource: string, more: Partial<RequestInfo> = {}): RequestInfo => {
  const [name = '', subresource = ''] = resource.split('/');
  return { ...testRequestContext().requestInfo, verb, resource: name, subresource, ...more };
};
const path = (verb: string, at: string): RequestInfo => ({
  ...testRequestContext().requestInfo,
  isResourceRequest: false,
  verb,
  path: at,
});
const pods = (more: Partial<RequestInfo> = {}) => info('get', 'pods', more);

describe('PolicyRuleEvaluator', () => {
  const table: [string, string, RequestInfo, boolean, string?][] = [
    ['everything', '{}', pods(), true],
    ['a user', 'users: [anna]', pods(), true],
    ['another user', 'users: [ben]', pods(), false],
    ['a group', 'userGroups: [x, dev]', pods(), true],
    ['another group', 'userGroups: [x]', pods(), false],
    ['a verb', 'verbs: [get]', pods(), true],
    ['another verb', 'verbs: [list]', pods(), false],
    ['a namespace', 'namespaces: [shop]', pods({ namespace: 'shop' }), true],
    ['another namespace', 'namespaces: [shop]', pods({ namespace: 'bank' }), false],
    ['cluster scope', 'namespaces: [""]', pods(), true],
    ["namespaces don't match paths", 'namespaces: [""]', path('get', '/healthz'), false],
    ['a group of resources', 'resources: [{group: ""}]', pods(), true],
    ['another group of resources', 'resources: [{group: apps}]', pods(), false],
    ['all groups', 'resources: [{group: "*"}]', pods({ apiGroup: 'apps' }), true],
    ['a resource', 'resources: [{resources: [pods]}]', pods(), true],
    [
      "a resource doesn't match its subresource",
      'resources: [{resources: [pods]}]',
      info('get', 'pods/log'),
      false,
    ],
    ['a subresource', 'resources: [{resources: [pods/log]}]', info('get', 'pods/log'), true],
    ['all resources and subresources', 'resources: [{resources: ["*"]}]', info('get', 'pods/log'), true],
    ['a subresource of all', 'resources: [{resources: ["*/log"]}]', info('get', 'pods/log'), true],
    [
      'all subresources, and the resource',
      'resources: [{resources: ["pods/*"]}]',
      info('get', 'pods/log'),
      true,
    ],
    ['all subresources, and the resource itself', 'resources: [{resources: ["pods/*"]}]', pods(), true],
    ['a name', 'resources: [{resources: [pods], resourceNames: [a]}]', pods({ name: 'a' }), true],
    ['another name', 'resources: [{resources: [pods], resourceNames: [a]}]', pods({ name: 'b' }), false],
    ["resources don't match paths", 'resources: [{group: ""}]', path('get', '/healthz'), false],
    ['a path', 'nonResourceURLs: [/healthz]', path('get', '/healthz'), true],
    ['paths below', 'nonResourceURLs: [/healthz*]', path('get', '/healthz/x'), true],
    ['another path', 'nonResourceURLs: [/healthz]', path('get', '/healthz/x'), false],
    ['all paths', 'nonResourceURLs: ["*"]', path('get', '/x'), true],
    ["paths don't match resources", 'nonResourceURLs: ["*"]', pods(), false],
    ['several conditions', 'users: [anna]\n  verbs: [list]', pods(), false],
  ];
  test.each(table)('%s: %s', async (_name, rule, request, matches) => {
    const text = `${HEAD}rules:\n- level: Metadata\n  ${rule === '{}' ? 'users: []' : rule}\n`;
    const evaluator = new PolicyRuleEvaluator(await loadPolicy(text));
    expect(evaluator.evaluate(user('anna', 'dev'), request).level).toBe(matches ? 'Metadata' : 'None');
  });

  test('the first matching rule applies; omissions accumulate, and can be overridden', async () => {
    const policy = await loadPolicy(`${HEAD}omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: RequestResponse
  users: [anna]
  omitStages: [Panic]
  omitManagedFields: false
- level: Request
`);
    const evaluator = new PolicyRuleEvaluator(policy);
    expect(evaluator.evaluate(user('anna'), pods())).toEqual({
      level: 'RequestResponse',
      omitStages: new Set(['RequestReceived', 'Panic']),
      omitManagedFields: false,
    });
    expect(evaluator.evaluate(user('ben'), pods())).toEqual({
      level: 'Request',
      omitStages: new Set(['RequestReceived']),
      omitManagedFields: true,
    });
  });
});

test.each([
  ['rules: []', 'loaded illegal policy with 0 rules'],
  ['rules: [{}]', 'rules[0].level: Required value'],
  [
    'rules: [{level: All}]',
    'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    'rules: [{level: None, nonResourceURLs: [healthz]}]',
    'rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a \'/\' character',
  ],
  [
    'rules: [{level: None, nonResourceURLs: ["/a*b"]}]',
    'rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards \'*\' must be the final character of the rule',
  ],
  [
    'rules: [{level: None, nonResourceURLs: ["/a"], namespaces: [a]}]',
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'rules: [{level: None, resources: [{resourceNames: [a]}]}]',
    'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
  ],
  [
    'rules: [{level: None, resources: [{group: apps/v1}]}]',
    'rules[0].resources.group: Invalid value: "apps/v1": a lowercase RFC 1123 subdomain',
  ],
  [
    'rules: [{level: None, omitStages: [Start]}]',
    'rules[0].omitStages[0]: Invalid value: "Start": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
  ['rules: [{level: None, user: [a]}]', 'strict decoding error: unknown field "rules[0].user"'],
  ['rules: 7', 'cannot unmarshal number'],
])('%s is rejected', async (text, message) => {
  await expect(loadPolicy(HEAD + text)).rejects.toThrow(message);
  await expect(loadPolicy(HEAD + text)).rejects.toHaveProperty('name', 'ConfigFileError');
});

test.each([
  'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]',
  'rules: [{level: None}]',
  'apiVersion: v1\nkind: Pod',
  '',
  '[]',
  '{',
])('%j is not a policy', async (text) => {
  await expect(loadPolicy(text)).rejects.toHaveProperty('name', 'ConfigFileError');
});
