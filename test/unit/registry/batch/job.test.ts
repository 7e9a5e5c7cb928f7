import { describe, expect, test } from 'vitest';
import type { Job } from '../../../../shared/apis/batch/v1/types.ts';
import { jobStatusStrategy, jobStrategy } from '../../../../shared/registry/batch/job/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const uid = '2d3b1f5c-0000-4000-8000-000000000001';
const podSpec = {
  restartPolicy: 'Never',
  containers: [{ name: 'c', image: 'img:1', imagePullPolicy: 'IfNotPresent' }],
};
const job = (spec: object, podFields: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  spec: { template: { spec: { ...podSpec, ...podFields } }, ...spec },
});
const indexed = (spec: object) => job({ completionMode: 'Indexed', completions: 5, ...spec });
const rule = (fields: object) => job({ podFailurePolicy: { rules: [{ action: 'Ignore', ...fields }] } });
const RULE = 'spec.podFailurePolicy.rules[0]';

test('a new job gets labels and a selector from its name and UID', async () => {
  const { causes, object } = await createOutcome<Job>(jobStrategy, job({}));
  const own = { 'batch.kubernetes.io/controller-uid': uid };
  const labels = { ...own, 'batch.kubernetes.io/job-name': 'x', 'controller-uid': uid, 'job-name': 'x' };
  expect({ causes, selector: object.spec.selector, labels: object.spec.template.metadata.labels }).toEqual({
    causes: [],
    selector: { matchLabels: own },
    labels,
  });
});

test.each<[string, object, string[]]>([
  [
    'a manual selector',
    job({ manualSelector: true }),
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
    ],
  ],
  [
    'reserved labels',
    {
      ...job({}),
      spec: { ...job({}).spec, template: { metadata: { labels: { 'job-name': 'other' } }, spec: podSpec } },
    },
    [
      `spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"${uid}","batch.kubernetes.io/job-name":"x","controller-uid":"${uid}","job-name":"other"}: must be 'x'`,
    ],
  ],
  [
    "a selector that doesn't match",
    job({ selector: { matchLabels: { app: 'a' } } }),
    [
      `spec.selector: Invalid value: {"matchLabels":{"app":"a","batch.kubernetes.io/controller-uid":"${uid}"}}: \`selector\` not auto-generated`,
      `spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"${uid}","batch.kubernetes.io/job-name":"x","controller-uid":"${uid}","job-name":"x"}: \`selector\` does not match template \`labels\``,
    ],
  ],
  [
    'negative numbers',
    job({
      parallelism: -1,
      completions: -1,
      activeDeadlineSeconds: -1,
      backoffLimit: -1,
      ttlSecondsAfterFinished: -1,
    }),
    ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
      (field) => `spec.${field}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  ],
  [
    'pods that always restart',
    job({}, { restartPolicy: 'Always' }),
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'another manager',
    job({ managedBy: 'me' }),
    ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'another mode',
    job({ completionMode: 'Random' }),
    ['spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"'],
  ],
  [
    'limits per index without indexes',
    job({ backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
    [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
  ],
  [
    'indexes without completions',
    indexed({ completions: undefined, parallelism: 100_001, maxFailedIndexes: 1 }),
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  ],
  [
    'very many indexes',
    indexed({ completions: 200_000, parallelism: 10_001, backoffLimitPerIndex: 1 }),
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'hostnames that are too long',
    { ...indexed({}), metadata: { name: 'a'.repeat(62) } },
    [
      `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-4`,
    ],
  ],
  [
    'a rule without a condition',
    rule({}),
    [`${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  ],
  [
    'a rule with two conditions',
    rule({ onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'Ready' }] }),
    [`${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
  ],
  [
    'rules for exit codes',
    rule({ action: 'Shrug', onExitCodes: { containerName: 'd', operator: 'In', values: [3, 0, 3] } }),
    [
      `${RULE}.action: Unsupported value: "Shrug": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
      `${RULE}.onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template`,
      `${RULE}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
      `${RULE}.onExitCodes.values[2]: Duplicate value: 3`,
      `${RULE}.onExitCodes.values: Invalid value: [3,0,3]: must be ordered`,
    ],
  ],
  [
    'rules with empty values',
    rule({ action: '', onExitCodes: {} }),
    [
      `${RULE}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
      `${RULE}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`,
      `${RULE}.onExitCodes.values: Invalid value: null: at least one value is required`,
    ],
  ],
  [
    'failing an index without a limit',
    rule({ action: 'FailIndex', onPodConditions: [{ type: 'Ready', status: 'Maybe' }] }),
    [
      `${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
      `${RULE}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
    ],
  ],
  [
    'replacement and restart policies with a failure policy',
    job(
      { podReplacementPolicy: 'TerminatingOrFailed', podFailurePolicy: { rules: [] } },
      { restartPolicy: 'OnFailure' },
    ),
    [
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
  ],
  [
    'a success policy without indexes',
    job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    [
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
    ],
  ],
  [
    'a success policy without rules',
    indexed({ successPolicy: {} }),
    [
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
    ],
  ],
  [
    'rules of a success policy',
    indexed({
      successPolicy: {
        rules: [
          {},
          { succeededIndexes: '0-2,2' },
          { succeededIndexes: '0,9' },
          { succeededIndexes: '0-1', succeededCount: 3 },
          { succeededCount: 6 },
          { succeededIndexes: 'a' },
          { succeededIndexes: '1-2-3' },
          { succeededIndexes: '2-1' },
        ],
      },
    }),
    [
      'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "0-2,2": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2',
      'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "0,9": error parsing succeededIndexes: too large index: "9"',
      'spec.successPolicy.rules[3].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      'spec.successPolicy.rules[4].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
      'spec.successPolicy.rules[5].succeededIndexes: Invalid value: "a": error parsing succeededIndexes: cannot convert string to integer for index: "a"',
      `spec.successPolicy.rules[6].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
      'spec.successPolicy.rules[7].succeededIndexes: Invalid value: "2-1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
    ],
  ],
])('%s', async (_, manifest, causes) => {
  expect(await createCauses(jobStrategy, manifest as never)).toEqual(causes);
});

test('very parallel jobs cause a warning', async () => {
  const manifest = indexed({ completions: 100_001, parallelism: 10_001 });
  const { warnings } = await createOutcome(jobStrategy, manifest);
  expect(warnings).toEqual([
    'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
  ]);
});

describe('updates', () => {
  const selector = { matchLabels: { app: 'a' } };
  const manual = (spec: object, podFields: object = {}, labels: object = { app: 'a' }) =>
    job({
      manualSelector: true,
      selector,
      template: { metadata: { labels }, spec: { ...podSpec, ...podFields } },
      ...spec,
    });
  const TEMPLATE = /^spec\.template: Invalid value: .*: field is immutable$/;

  test.each<[string, object, object, (string | RegExp)[]]>([
    ['more parallelism', manual({}), manual({ completions: 1, parallelism: 4, backoffLimit: 2 }), []],
    [
      'more completions',
      manual({}),
      manual({ completions: 2 }),
      ['spec.completions: Invalid value: 2: field is immutable'],
    ],
    [
      'more indexes with equal parallelism',
      manual({ completionMode: 'Indexed', completions: 2 }),
      manual({ completionMode: 'Indexed', completions: 4, parallelism: 4 }),
      [],
    ],
    [
      'more indexes with another parallelism',
      manual({ completionMode: 'Indexed', completions: 2 }),
      manual({ completionMode: 'Indexed', completions: 4, parallelism: 1 }),
      ['spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism'],
    ],
    [
      'another mode and manager',
      manual({}),
      manual({ completionMode: 'Indexed', managedBy: 'a.b/c' }),
      [
        'spec.completionMode: Invalid value: "Indexed": field is immutable',
        'spec.managedBy: Invalid value: "a.b/c": field is immutable',
      ],
    ],
    ['another node of an unsuspended job', manual({}), manual({}, { nodeSelector: { a: 'b' } }), [TEMPLATE]],
    [
      'other nodes and labels of a suspended job',
      manual({ suspend: true }),
      manual(
        { suspend: true },
        { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] },
        { app: 'a', b: 'c' },
      ),
      [],
    ],
    [
      'other resources of a suspended job',
      manual({ suspend: true }),
      manual(
        { suspend: true },
        { containers: [{ ...podSpec.containers[0], resources: { limits: { cpu: '1' } } }] },
      ),
      [],
    ],
    [
      'another image of a suspended job',
      manual({ suspend: true }),
      manual({ suspend: true }, { containers: [{ ...podSpec.containers[0], image: 'img:2' }] }),
      [/^spec\.template\.spec: Invalid value: .*: field is immutable$/],
    ],
  ])('%s', async (_, from, to, causes) => {
    const actual = await updateCauses(jobStrategy, { from, to } as never);
    expect(actual).toEqual(
      causes.map((cause) => (typeof cause === 'string' ? cause : expect.stringMatching(cause))),
    );
  });
});

describe('status', () => {
  const startTime = '2026-01-01T00:00:00Z';
  const later = '2026-01-01T01:00:00Z';
  const conditions = (...types: string[]) => types.map((type) => ({ type, status: 'True' }));
  const done = { startTime, completionTime: later, conditions: conditions('SuccessCriteriaMet', 'Complete') };
  const withStatus = (status: object, spec: object = {}) => ({
    ...job({ manualSelector: true, selector: { matchLabels: { app: 'a' } }, ...spec }),
    status,
  });

  test.each<[string, object, object, string[]]>([
    ['complete', withStatus({ startTime, active: 1 }), withStatus({ ...done, succeeded: 1 }), []],
    [
      'a completed job with active pods',
      withStatus({ startTime, active: 1 }),
      withStatus({
        active: 1,
        terminating: 1,
        conditions: conditions('Complete', 'Failed'),
        completionTime: undefined,
      }),
      [
        'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
        'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        'status.active: Invalid value: 1: active>0 is invalid for finished job',
        'status.startTime: Required value: startTime is required for finished job',
        'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
        'status.startTime: Invalid value: null: field is immutable for unsuspended job once set',
      ],
    ],
    [
      'backwards',
      withStatus({ ...done, succeeded: 2, failed: 2 }),
      withStatus({ startTime: later, completionTime: startTime, succeeded: 1, failed: 1 }),
      [
        'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": cannot set completionTime when there is no Complete=True condition',
        'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": must be equal to or after `startTime`',
        'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
        'status.failed: Invalid value: 1: cannot decrease the failed counter',
        'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
        'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": field is immutable',
        'status.startTime: Invalid value: "2026-01-01T01:00:00Z": field is immutable for unsuspended job once set',
        'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      ],
    ],
    [
      'pods counted twice',
      withStatus({ startTime }),
      withStatus({
        startTime,
        active: 1,
        ready: 2,
        uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] },
      }),
      [
        'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
        'status.ready: Invalid value: 2: cannot set more ready pods than active',
      ],
    ],
    [
      "indexes of a job that isn't indexed",
      withStatus({ startTime }),
      withStatus({ startTime, completedIndexes: '0', failedIndexes: '' }),
      [
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
    [
      'indexes both failed and completed',
      withStatus({ startTime }, { completionMode: 'Indexed', completions: 9, backoffLimitPerIndex: 1 }),
      withStatus(
        { startTime, completedIndexes: '0-3,5', failedIndexes: '4-5' },
        { completionMode: 'Indexed', completions: 9, backoffLimitPerIndex: 1 },
      ),
      ['status.failedIndexes: Invalid value: "4-5": failedIndexes and completedIndexes overlap at index: 5'],
    ],
  ])('%s', async (_, from, to, causes) => {
    expect(await updateCauses(jobStatusStrategy, { from, to } as never)).toEqual(causes);
  });

  test('does not change the spec', async () => {
    const from = withStatus({});
    const to = withStatus({ startTime }, { parallelism: 9 });
    const { object } = await updateOutcome<Job>(jobStatusStrategy, { from, to });
    expect([object.spec.parallelism, object.status.startTime]).toEqual([1, startTime]);
  });
});

const WORKLOADS = { features: ['WorkloadWithJob'] };
const gang = (minCount?: number, more: object = {}) => ({
  scheduling: { schedulingPolicy: { gang: { minCount } }, ...more },
});
const basic = (more: object = {}) => ({ scheduling: { schedulingPolicy: { basic: {} }, ...more } });

test.each<[string, object, string[]]>([
  ['a gang no larger than the parallelism', { parallelism: 3, ...gang(3) }, []],
  [
    'a gang larger than the parallelism',
    { parallelism: 3, ...gang(4) },
    [
      'spec.scheduling.schedulingPolicy.gang.minCount: Invalid value: 4: must not be greater than parallelism (3)',
    ],
  ],
  [
    'a gang of zero pods',
    gang(0),
    ['spec.scheduling.schedulingPolicy.gang.minCount: Invalid value: 0: must be greater than or equal to 1'],
  ],
  [
    'disruption of all pods with the basic policy',
    basic({ disruptionMode: { all: {} } }),
    [
      'spec.scheduling.disruptionMode: Invalid value: "": the disruptionMode `all` is not supported with the Basic scheduling policy',
    ],
  ],
  [
    'disruption of all pods without a policy',
    { scheduling: { disruptionMode: { all: {} } } },
    [
      'spec.scheduling.disruptionMode: Invalid value: "": the disruptionMode `all` is not supported with the Basic scheduling policy',
    ],
  ],
  [
    'two policies, claims of two kinds, and a duplicate claim',
    {
      scheduling: {
        schedulingPolicy: { basic: {}, gang: {} },
        resourceClaims: [
          { name: 'a', resourceClaimName: 'b', resourceClaimTemplateName: 'c' },
          { name: 'a', resourceClaimName: 'b' },
        ],
      },
    },
    [
      'spec.scheduling.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
      'spec.scheduling.resourceClaims[1]: Duplicate value: {"name":"a","resourceClaimName":"b"}',
      'spec.scheduling.resourceClaims[0]: Invalid value: "{resourceClaimName, resourceClaimTemplateName}": must specify exactly one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
  ],
])('scheduling of a job, created: %s', async (_, spec, causes) => {
  expect(await createCauses(jobStrategy, job(spec), WORKLOADS)).toEqual(causes);
});

test.each<[string, object, object, string[]]>([
  ['a smaller gang', { parallelism: 3, ...gang(3) }, { parallelism: 3, ...gang(2) }, []],
  [
    'a gang in place of the basic policy',
    basic(),
    gang(1),
    [
      'spec.scheduling.schedulingPolicy: Invalid value: null: the basic/gang policy variant is immutable after creation; only schedulingPolicy.gang.minCount may be updated',
    ],
  ],
  [
    'a policy where none was set',
    {},
    basic(),
    ['spec.scheduling: Invalid value: null: field cannot be set once created'],
  ],
  [
    'removal of the policy',
    basic(),
    {},
    ['spec.scheduling: Invalid value: null: field cannot be cleared once set'],
  ],
  [
    'an added disruption mode',
    gang(1),
    gang(1, { disruptionMode: { all: {} } }),
    ['spec.scheduling.disruptionMode: Invalid value: null: field is immutable'],
  ],
])('scheduling of a job, updated: %s', async (_, from, to, causes) => {
  const owned = (spec: object) => {
    const labels = { a: 'b' };
    const template = { metadata: { labels }, spec: podSpec };
    return job({ manualSelector: true, selector: { matchLabels: labels }, template, ...spec });
  };
  expect(await updateCauses(jobStrategy, { from: owned(from), to: owned(to) }, WORKLOADS)).toEqual(causes);
});
