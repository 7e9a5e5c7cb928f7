import { describe, expect, test } from 'vitest';
import type { DaemonSet, Deployment, StatefulSet } from '../../../../shared/apis/apps/v1/types.ts';
import { controllerRevisionStrategy } from '../../../../shared/registry/apps/controllerrevision/strategy.ts';
import {
  daemonSetStatusStrategy,
  daemonSetStrategy,
} from '../../../../shared/registry/apps/daemonset/strategy.ts';
import {
  deploymentStatusStrategy,
  deploymentStrategy,
} from '../../../../shared/registry/apps/deployment/strategy.ts';
import {
  replicaSetStatusStrategy,
  replicaSetStrategy,
} from '../../../../shared/registry/apps/replicaset/strategy.ts';
import {
  statefulSetStatusStrategy,
  statefulSetStrategy,
} from '../../../../shared/registry/apps/statefulset/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const apiVersion = 'apps/v1';
const labels = { app: 'web' };
const selector = { matchLabels: labels };
const podSpec = { containers: [{ name: 'c', image: 'img:1', imagePullPolicy: 'IfNotPresent' }] };
const template = { metadata: { labels }, spec: podSpec };
const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const MISMATCH = '`selector` does not match template `labels`';

const workload = (kind: string, spec: object) => ({
  apiVersion,
  kind,
  spec: { selector, template, ...spec },
});
const templateOf = (spec: object) => ({ ...template, spec: { ...podSpec, ...spec } });

describe('deployments', () => {
  const deployment = (spec: object) => workload('Deployment', spec);

  test.each<[string, object, string[]]>([
    ['the minimum', {}, []],
    [
      'no selector',
      { selector: undefined },
      [
        'spec.selector: Required value',
        `spec.template.metadata.labels: Invalid value: {"app":"web"}: ${MISMATCH}`,
      ],
    ],
    [
      'an empty selector',
      { selector: {} },
      ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    ],
    [
      'an invalid selector',
      { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } },
      [
        'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
        'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Near"}]}: invalid label selector',
      ],
    ],
    [
      "pods that don't restart",
      { template: templateOf({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 5 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
      ],
    ],
    [
      'pods without containers',
      { template: { metadata: { labels }, spec: {} } },
      ['spec.template.spec.containers: Required value'],
    ],
    [
      'negative numbers',
      { replicas: -1, minReadySeconds: -2, revisionHistoryLimit: -3, progressDeadlineSeconds: -4 },
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
        'spec.revisionHistoryLimit: Invalid value: -3: must be greater than or equal to 0',
        'spec.progressDeadlineSeconds: Invalid value: -4: must be greater than or equal to 0',
        'spec.progressDeadlineSeconds: Invalid value: -4: must be greater than minReadySeconds',
      ],
    ],
    [
      'an unknown strategy',
      { strategy: { type: 'Dance' } },
      [
        'spec.strategy: Unsupported value: {"Type":"Dance","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      'recreation with rolling update settings',
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      'a rolling update without progress',
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    ],
    [
      'a rolling update beyond 100%',
      { strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: '101%' } } },
      [
        `spec.strategy.rollingUpdate.maxSurge: Invalid value: "x": ${PERCENT}`,
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      ],
    ],
  ])('%s', async (_, spec, causes) => {
    expect(await createCauses(deploymentStrategy, deployment(spec))).toEqual(causes);
  });

  test('a new one has no status and generation 1; a name with dots causes a warning', async () => {
    const manifest = { ...deployment({}), metadata: { name: 'a.b', generation: 7 }, status: { replicas: 3 } };
    const { causes, warnings, object } = await createOutcome<Deployment>(deploymentStrategy, manifest);
    expect({ causes, warnings, generation: object.metadata.generation, status: object.status }).toEqual({
      causes: [],
      warnings: [
        'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      ],
      generation: 1,
      status: {},
    });
  });

  test('a rollback revision must be valid', async () => {
    const revision = (text: string) => ({ annotations: { 'deprecated.deployment.rollback.to': text } });
    const causes = (text: string) =>
      createCauses(deploymentStrategy, { ...deployment({}), metadata: revision(text) });
    expect(await Promise.all(['-3', '0', '3'].map(causes))).toEqual([
      ['spec.rollback.version: Invalid value: -3: must be greater than or equal to 0'],
      [],
      [],
    ]);
  });

  test.each<[string, object, number]>([
    ['no change', {}, 1],
    ['another spec', { spec: { ...deployment({}).spec, replicas: 4 } }, 2],
    ['other annotations', { metadata: { annotations: { a: 'b' } } }, 2],
    ['other labels', { metadata: { labels: { a: 'b' } } }, 1],
    ['another status', { status: { replicas: 9 } }, 1],
  ])('generation after %s', async (_, change, generation) => {
    const from = { ...deployment({}), status: { replicas: 3, observedGeneration: 1 } };
    const { object } = await updateOutcome<Deployment>(deploymentStrategy, {
      from,
      to: { ...from, ...change },
    });
    expect([object.metadata.generation, object.status.replicas]).toEqual([generation, 3]);
  });

  test('the selector is immutable', async () => {
    const to = deployment({
      selector: { matchLabels: { app: 'api' } },
      template: { ...template, metadata: { labels: { app: 'api' } } },
    });
    expect(await updateCauses(deploymentStrategy, { from: deployment({}), to })).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"api"}}: field is immutable',
    ]);
  });

  test('status', async () => {
    const from = { ...deployment({}), metadata: { labels: { a: 'b' } }, status: { collisionCount: 2 } };
    const status = {
      replicas: 2,
      updatedReplicas: 3,
      readyReplicas: -1,
      availableReplicas: 1,
      unavailableReplicas: -1,
      collisionCount: 1,
    };
    const to = { ...from, metadata: { labels: { c: 'd' } }, spec: { ...from.spec, replicas: 9 }, status };
    const { causes, object } = await updateOutcome<Deployment>(deploymentStatusStrategy, { from, to });
    expect(causes).toEqual([
      'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0',
      'status.updatedReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
      'status.collisionCount: Invalid value: 1: cannot be decremented',
    ]);
    expect([object.metadata.labels, object.spec.replicas]).toEqual([{ a: 'b' }, 1]);
  });
});

describe('replica sets', () => {
  test.each<[object, string[]]>([
    [{}, []],
    [
      { replicas: -1, template: { ...template, metadata: {} } },
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        `spec.template.metadata.labels: Invalid value: null: ${MISMATCH}`,
      ],
    ],
  ])('%j', async (spec, causes) => {
    expect(await createCauses(replicaSetStrategy, workload('ReplicaSet', spec))).toEqual(causes);
  });

  test('status', async () => {
    const from = workload('ReplicaSet', {});
    const to = {
      ...from,
      status: { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 1, availableReplicas: 1 },
    };
    expect(await updateCauses(replicaSetStatusStrategy, { from, to })).toEqual([
      'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ]);
  });
});

describe('daemon sets', () => {
  const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
  const daemonSet = (spec: object) => workload('DaemonSet', spec);

  test.each<[object, string[]]>([
    [{}, []],
    [{ updateStrategy: { type: 'OnDelete' } }, []],
    [
      { updateStrategy: { type: 'Never' } },
      [
        'spec.updateStrategy: Unsupported value: {"Type":"Never","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
      ],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxSurge: 1 } } },
      [
        'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
      ],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    ],
    [
      { selector: { matchLabels: { app: 'api' } }, revisionHistoryLimit: -1 },
      [
        `spec.template.metadata.labels: Invalid value: {"app":"web"}: ${MISMATCH}`,
        'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [{ selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset']],
  ])('%j', async (spec, causes) => {
    expect(await createCauses(daemonSetStrategy, daemonSet(spec))).toEqual(causes);
  });

  test('template changes are counted in the generation annotation', async () => {
    const created = await createOutcome<DaemonSet>(daemonSetStrategy, daemonSet({}));
    expect(created.object.metadata.annotations).toEqual({ [TEMPLATE_GENERATION]: '1' });
    const from = { ...daemonSet({}), metadata: { annotations: { [TEMPLATE_GENERATION]: '4' } } };
    const changed = await updateOutcome<DaemonSet>(daemonSetStrategy, {
      from,
      to: {
        ...daemonSet({ template: templateOf({ hostNetwork: true }) }),
        metadata: { annotations: { a: 'b' } },
      },
    });
    expect(changed.object.metadata).toMatchObject({
      generation: 2,
      annotations: { a: 'b', [TEMPLATE_GENERATION]: '5' },
    });
    const same = await updateOutcome<DaemonSet>(daemonSetStrategy, {
      from,
      to: daemonSet({ minReadySeconds: 3 }),
    });
    expect(same.object.metadata).toMatchObject({
      generation: 2,
      annotations: { [TEMPLATE_GENERATION]: '4' },
    });
  });

  test('status', async () => {
    const from = daemonSet({});
    const to = { ...from, status: { currentNumberScheduled: -1, numberReady: -2 } };
    expect(await updateCauses(daemonSetStatusStrategy, { from, to })).toEqual([
      'status.currentNumberScheduled: Invalid value: -1: must be greater than or equal to 0',
      'status.numberReady: Invalid value: -2: must be greater than or equal to 0',
    ]);
  });
});

describe('stateful sets', () => {
  const statefulSet = (spec: object) => workload('StatefulSet', { serviceName: 'web', ...spec });
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const withMount = templateOf({
    containers: [{ ...podSpec.containers[0], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
  });

  test.each<[string, object, string[]]>([
    ['the minimum', {}, []],
    ['a mount of a claim', { template: withMount, volumeClaimTemplates: [claim] }, []],
    [
      'an unknown mount',
      { template: withMount },
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      'a claim without a size',
      { volumeClaimTemplates: [{ ...claim, spec: { accessModes: ['ReadWriteOnce'] } }] },
      ['spec.volumeClaimTemplates[0].spec.resources[storage]: Required value'],
    ],
    [
      'unknown policies',
      { podManagementPolicy: 'Random', persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } },
      [
        `spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`,
        'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
      ],
    ],
    [
      'an unknown strategy',
      { updateStrategy: { type: 'Never', rollingUpdate: { partition: 2 } } },
      [
        `spec.updateStrategy: Invalid value: {"Type":"Never","RollingUpdate":{"Partition":2,"MaxUnavailable":null}}: must be 'RollingUpdate' or 'OnDelete'`,
      ],
    ],
    [
      'rolling update settings with OnDelete',
      { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } },
      [
        `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
      ],
    ],
    [
      'numbers of a rolling update',
      { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
      [
        'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
      ],
    ],
    [
      'numbers and names',
      { replicas: -1, minReadySeconds: -1, ordinals: { start: -1 }, serviceName: 'A' },
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
        `spec.serviceName: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
      ],
    ],
    [
      "pods that don't restart",
      { template: templateOf({ restartPolicy: 'Never', activeDeadlineSeconds: 1 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
      ],
    ],
  ])('%s', async (_, spec, causes) => {
    expect(await createCauses(statefulSetStrategy, statefulSet(spec))).toEqual(causes);
  });

  test('maxUnavailable is kept where it was set', async () => {
    const rolling = (maxUnavailable: number) =>
      statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } });
    expect(await updateCauses(statefulSetStrategy, { from: rolling(2), to: rolling(0) })).toEqual([
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ]);
  });

  test('the name must be a label', async () => {
    const manifest = { ...statefulSet({}), metadata: { name: 'a.b' } };
    expect(await createCauses(statefulSetStrategy, manifest)).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ]);
  });

  test('only parts of the spec are mutable', async () => {
    const from = statefulSet({});
    const change = { replicas: 5, minReadySeconds: 3, revisionHistoryLimit: 2, ordinals: { start: 2 } };
    const ok = await updateOutcome<StatefulSet>(statefulSetStrategy, { from, to: statefulSet(change) });
    expect([ok.causes, ok.object.metadata.generation]).toEqual([[], 2]);
    expect(
      await updateCauses(statefulSetStrategy, { from, to: statefulSet({ serviceName: 'other' }) }),
    ).toEqual(['spec.serviceName: Invalid value: "other": field is immutable']);
  });

  test('status', async () => {
    const from = statefulSet({});
    const to = {
      ...from,
      status: { replicas: 1, readyReplicas: 1, currentReplicas: 2, availableReplicas: 2 },
    };
    expect(await updateCauses(statefulSetStatusStrategy, { from, to })).toEqual([
      'status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    ]);
  });
});

describe('controller revisions', () => {
  const revision = (fields: object) => ({
    apiVersion,
    kind: 'ControllerRevision',
    revision: 1,
    data: { a: 1 },
    ...fields,
  });

  test.each<[object, string[]]>([
    [{}, []],
    [
      { revision: -1, data: undefined },
      [
        'revision: Invalid value: -1: must be greater than or equal to 0',
        'data: Required value: data is mandatory',
      ],
    ],
    [{ data: null }, ['data: Required value: data is mandatory']],
    [{ data: [1] }, ['data: Required value: data must be a valid JSON object']],
  ])('%j', async (fields, causes) => {
    expect(await createCauses(controllerRevisionStrategy, revision(fields))).toEqual(causes);
  });

  test('the data is immutable', async () => {
    expect(
      await updateCauses(controllerRevisionStrategy, {
        from: revision({}),
        to: revision({ data: { a: 2 } }),
      }),
    ).toEqual(['data: Invalid value: {"a":2}: field is immutable']);
  });
});

test.each([
  ['on', [], { partition: 0, maxUnavailable: 2 }],
  ['off', ['MaxUnavailableStatefulSet'], { partition: 0 }],
])('maxUnavailable of a rolling update, with its gate %s', async (_what, without, rollingUpdate) => {
  const template = {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'c', image: 'c' }] },
  };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
    },
  };
  const { causes, object } = await createOutcome(statefulSetStrategy, manifest, { without });
  expect([causes, object.spec.updateStrategy]).toEqual([[], { type: 'RollingUpdate', rollingUpdate }]);
});
