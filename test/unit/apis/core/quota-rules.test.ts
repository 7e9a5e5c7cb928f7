import { expect, test } from 'vitest';
import { limitRangeStrategy } from '../../../../shared/registry/core/limitrange/strategy.ts';
import {
  resourceQuotaStatusStrategy,
  resourceQuotaStrategy,
} from '../../../../shared/registry/core/resourcequota/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const limits = (...items: object[]) => of('LimitRange', { spec: { limits: items } });
const quota = (spec: object, status: object = {}) => of('ResourceQuota', { spec, status });

test.each<[string, Manifest, string[]]>([
  [
    "all fields of a container's limits",
    limits({
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '1' },
      default: { cpu: '2' },
      defaultRequest: { cpu: '1' },
      maxLimitRequestRatio: { cpu: '2' },
    }),
    [],
  ],
  [
    'types',
    limits(
      { type: '' },
      { type: 'Odd' },
      { type: 'a.b/Odd' },
      { type: 'Pod', max: { cpu: '1' } },
      { type: 'Pod', max: { cpu: '1' } },
    ),
    [
      'spec.limits[0].type: Invalid value: "": name part must be non-empty',
      `spec.limits[0].type: Invalid value: "": ${NAME_PART}`,
      'spec.limits[1].type: Invalid value: "Odd": must be a standard limit type or fully qualified',
      'spec.limits[4].type: Duplicate value: "Pod"',
    ],
  ],
  [
    'defaults of pods',
    limits({ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }),
    [
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
      "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  ],
  [
    'claims',
    limits({ type: 'PersistentVolumeClaim', max: { cpu: '1' } }),
    [
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
  [
    'values out of order',
    limits({
      type: 'Container',
      min: { cpu: '3' },
      max: { cpu: '2' },
      default: { cpu: '1' },
      defaultRequest: { cpu: '4' },
    }),
    [
      'spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than default limit value 1',
      'spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 1',
    ],
  ],
  [
    'a ratio below one',
    limits({
      type: 'Pod',
      min: { cpu: '1' },
      max: { cpu: '2' },
      maxLimitRequestRatio: { cpu: '0.5', memory: '3' },
    }),
    ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
  ],
  [
    'an impossible ratio',
    limits({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
    [
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
    ],
  ],
  [
    'resources of pods',
    limits({ type: 'Pod', max: { 'a b': '1', odd: '1' } }),
    [
      `spec.limits[0].max[a b]: Invalid value: "a b": ${NAME_PART}`,
      'spec.limits[0].max[a b]: Invalid value: "a b": must be a standard resource for containers',
      'spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
      'spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource for containers',
    ],
  ],
  [
    "a resource that can't be overcommitted",
    limits({ type: 'Container', default: { 'a.b/gpu': '2' }, defaultRequest: { 'a.b/gpu': '1' } }),
    [
      'spec.limits[0].defaultRequest[a.b/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in a.b/gpu',
    ],
  ],
])('limit range, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(limitRangeStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'anything',
    limits({ type: 'Pod', max: { cpu: '1' } }),
    limits({ type: 'Pod', max: { cpu: '-1', odd: '1' } }),
    [
      'spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
      'spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource for containers',
    ],
  ],
])('limit range, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(limitRangeStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  [
    'resources',
    quota({
      hard: {
        cpu: '1',
        'requests.memory': '1Gi',
        pods: '2',
        'count/jobs.batch': '3',
        'requests.a.b/gpu': '1',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
        'hugepages-2Mi': '1',
        'requests.hugepages-2Mi': '1',
      },
    }),
    [],
  ],
  [
    'invalid quantities',
    quota({ hard: { pods: '1.5', cpu: '-1', 'limits.memory': '100m', odd: '1', 'a b': '1', 'count/': '1' } }),
    [
      `spec.hard[a b]: Invalid value: "a b": ${NAME_PART}`,
      'spec.hard[a b]: Invalid value: "a b": must be a standard resource for quota',
      'spec.hard[count/]: Invalid value: "count/": name part must be non-empty',
      `spec.hard[count/]: Invalid value: "count/": ${NAME_PART}`,
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.hard[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
      'spec.hard[odd]: Invalid value: "odd": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    'scopes',
    quota({ hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }),
    ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  ],
  [
    "scopes that don't fit",
    quota({
      hard: { cpu: '1', 'requests.storage': '1' },
      scopes: ['BestEffort', 'Odd', 'Terminating', 'NotTerminating'],
    }),
    [
      'spec.scopes: Invalid value: ["BestEffort","Odd","Terminating","NotTerminating"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort","Odd","Terminating","NotTerminating"]: unsupported scope',
      'spec.scopes: Invalid value: ["BestEffort","Odd","Terminating","NotTerminating"]: conflicting scopes',
    ],
  ],
  [
    'a scope selector',
    quota({
      hard: { pods: '1' },
      scopeSelector: {
        matchExpressions: [
          { scopeName: 'PriorityClass', operator: 'In', values: [] },
          { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
          { scopeName: 'Terminating', operator: 'In', values: ['a'] },
          { scopeName: 'Odd', operator: 'Odd' },
          { operator: 'Exists' },
        ],
      },
    }),
    [
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
      'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Odd": unsupported scope',
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "Odd": not a valid selector operator',
      'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "": unsupported scope',
    ],
  ],
  [
    'priority classes',
    quota({
      hard: { pods: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
    }),
    [],
  ],
])('resource quota, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(resourceQuotaStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'other scopes',
    quota({ hard: { pods: '1' }, scopes: ['BestEffort'] }),
    quota({ hard: { pods: '2' }, scopes: ['NotBestEffort'] }),
    ['spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable'],
  ],
  ['other quantities', quota({ hard: { pods: '1' } }), quota({ hard: { pods: '2' } }), []],
])('resource quota, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(resourceQuotaStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'used quantities',
    quota({ hard: { pods: '1' } }),
    quota(
      { hard: { pods: '1' } },
      { hard: { pods: '1', 'a b': '1' }, used: { pods: '0.5', cpu: '-1', '': '1' } },
    ),
    [
      `status.hard[a b]: Invalid value: "a b": ${NAME_PART}`,
      'status.hard[a b]: Invalid value: "a b": must be a standard resource for quota',
      'status.used[]: Invalid value: "": name part must be non-empty',
      `status.used[]: Invalid value: "": ${NAME_PART}`,
      'status.used[]: Invalid value: "": must be a standard resource for quota',
      'status.used[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'status.used[pods]: Invalid value: "500m": must be an integer',
    ],
  ],
])('resource quota status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(resourceQuotaStatusStrategy, { from, to })).toEqual(causes);
});
