import { expect, test } from 'vitest';
import {
  horizontalPodAutoscalerStatusStrategy,
  horizontalPodAutoscalerStrategy,
} from '../../../../shared/registry/autoscaling/horizontalpodautoscaler/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const autoscaler = (spec: object) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  spec: { scaleTargetRef, maxReplicas: 3, ...spec },
});
const metrics = (...specs: object[]) => autoscaler({ metrics: specs });
const cpu = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } });
const M0 = 'spec.metrics[0]';

test.each<[string, object, string[]]>([
  ['the minimum', autoscaler({}), []],
  [
    'replicas',
    autoscaler({ minReplicas: 0, maxReplicas: 0 }),
    [
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      'spec.maxReplicas: Required value',
    ],
  ],
  [
    'bounds in the wrong order',
    autoscaler({ minReplicas: 5, maxReplicas: -1 }),
    [
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
    ],
  ],
  [
    'an empty target',
    autoscaler({ scaleTargetRef: {} }),
    [
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ],
  ],
  [
    'a target with too many fields',
    autoscaler({ scaleTargetRef: { apiVersion: 'a/b/c', kind: 'a/b', name: '..' } }),
    [
      `spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain '/'`,
      `spec.scaleTargetRef.name: Invalid value: "..": may not be '..'`,
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
  ],
  [
    'replication controllers belong to the core group',
    autoscaler({ scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc' } }),
    [],
  ],
  [
    'an unknown metric',
    metrics({ type: 'Luck' }),
    [
      `${M0}.type: Unsupported value: "Luck": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
    ],
  ],
  [
    'a metric without its source',
    metrics({ type: 'Pods' }),
    [`${M0}.pods: Required value: must populate information for the given metric source`],
  ],
  [
    'a metric with another source',
    metrics({
      ...cpu({ type: 'Utilization', averageUtilization: 50 }),
      pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '1' } },
    }),
    [`${M0}.pods: Forbidden: must populate the given metric source only`],
  ],
  [
    'resource targets',
    metrics(cpu({ type: 'Guess' }), cpu({ type: 'Utilization', averageUtilization: 0, averageValue: '-1' })),
    [
      `${M0}.resource.target.type: Invalid value: "Guess": must be either Utilization, Value, or AverageValue`,
      `${M0}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
      'spec.metrics[1].resource.target.averageValue: Invalid value: "-1": must be positive',
      'spec.metrics[1].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      'spec.metrics[1].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    'container resources',
    metrics({
      type: 'ContainerResource',
      containerResource: {
        name: 'luck',
        container: 'A',
        target: { type: 'Utilization', averageUtilization: 5 },
      },
    }),
    [
      `${M0}.containerResource.name: Invalid value: "luck": must be a standard resource type or fully qualified`,
      `${M0}.containerResource.name: Invalid value: "luck": must be a standard resource for containers`,
      `${M0}.containerResource.container: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
  [
    'object metrics',
    metrics({
      type: 'Object',
      object: { describedObject: { kind: 'Service', name: 's' }, metric: {}, target: { type: 'Value' } },
    }),
    [
      `${M0}.object.metric.name: Required value: must specify a metric name`,
      `${M0}.object.target.averageValue: Required value: must set either a target value or averageValue`,
    ],
  ],
  [
    'external metrics',
    metrics({
      type: 'External',
      external: { metric: { name: 'q' }, target: { type: 'Value', value: '1', averageValue: '2' } },
    }),
    [
      `${M0}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
    ],
  ],
  [
    'behavior',
    autoscaler({
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 3601,
          selectPolicy: 'Mean',
          policies: [{ type: 'Nodes', value: 0, periodSeconds: 1801 }],
          tolerance: '-10m',
        },
        scaleDown: { stabilizationWindowSeconds: -1 },
      },
    }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
      'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Mean": supported values: "Disabled", "Max", "Min"',
      'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      'spec.behavior.scaleUp.tolerance: Invalid value: "-10m": must be greater than or equal to 0',
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
])('%s', async (_, manifest, causes) => {
  expect(await createCauses(horizontalPodAutoscalerStrategy, manifest as never)).toEqual(causes);
});

test('an update keeps a target that was stored with a bad apiVersion, and zero replicas', async () => {
  const from = autoscaler({
    scaleTargetRef: { ...scaleTargetRef, apiVersion: 'v1' },
    minReplicas: 0,
    metrics: [
      { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '1' } } },
    ],
  });
  const to = { ...from, spec: { ...from.spec, maxReplicas: 9 } };
  expect(await updateCauses(horizontalPodAutoscalerStrategy, { from, to })).toEqual([]);
});

test('status counts are not negative', async () => {
  const from = autoscaler({});
  const to = {
    ...from,
    status: {
      currentReplicas: -1,
      desiredReplicas: -2,
      conditions: [{ type: 'AbleToScale', status: 'True', observedGeneration: -3 }],
    },
  };
  expect(await updateCauses(horizontalPodAutoscalerStatusStrategy, { from, to })).toEqual([
    'status.conditions[0].observedGeneration: Invalid value: -3: must be greater than or equal to 0',
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.desiredReplicas: Invalid value: -2: must be greater than or equal to 0',
  ]);
});
