import { expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);
const kind = 'HorizontalPodAutoscaler';
const v1 = { group: 'autoscaling', version: 'v1', kind };
const v2 = { group: 'autoscaling', version: 'v2', kind };
const v2beta1 = { group: 'autoscaling', version: 'v2beta1', kind };
const v2beta2 = { group: 'autoscaling', version: 'v2beta2', kind };

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const full = {
  apiVersion: 'autoscaling/v2',
  kind,
  metadata: { name: 'web', annotations: { team: 'a' } },
  spec: {
    scaleTargetRef,
    minReplicas: 2,
    maxReplicas: 9,
    metrics: [
      {
        type: 'Pods',
        pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '1k' } },
      },
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
      },
    ],
    behavior: {
      scaleUp: {
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
        tolerance: '50m',
      },
    },
  },
  status: {
    desiredReplicas: 3,
    currentReplicas: 3,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 41, averageValue: '82m' } },
      },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }],
  },
};

const asV1 = {
  apiVersion: 'autoscaling/v1',
  kind,
  metadata: {
    name: 'web',
    annotations: {
      team: 'a',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":"50m"},"ScaleDown":null}',
      'autoscaling.alpha.kubernetes.io/conditions':
        '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z"}]',
      'autoscaling.alpha.kubernetes.io/current-metrics':
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":41,"currentAverageValue":"82m"}}]',
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Pods","pods":{"metricName":"qps","targetAverageValue":"1k"}}]',
    },
  },
  spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 9, targetCPUUtilizationPercentage: 70 },
  status: { desiredReplicas: 3, currentReplicas: 3, currentCPUUtilizationPercentage: 41 },
};

test('v1 stores fields it lacks in annotations, and restores them', () => {
  const there = scheme.convert(structuredClone(full), v1);
  expect(there).toStrictEqual(asV1);
  expect(scheme.convert(structuredClone(asV1), v2)).toStrictEqual(full);
});

test('v1 without any metric means 80 % of the CPU', () => {
  const object = {
    ...asV1,
    metadata: { name: 'web' },
    spec: { scaleTargetRef, maxReplicas: 3 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  };
  expect(scheme.convert(structuredClone(object), v2)).toStrictEqual({
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: {
      scaleTargetRef,
      maxReplicas: 3,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  });
});

test.each(['{', '"text"', '[1]', 'null', '{"__proto__":1}'])(
  'v1 annotations that contain %s are ignored',
  (text) => {
    const object = structuredClone(asV1);
    object.metadata.annotations = Object.fromEntries(
      Object.keys(asV1.metadata.annotations).map((name) => [name, text]),
    ) as typeof object.metadata.annotations;
    const { spec, status, metadata } = scheme.convert<typeof full>(object, v2);
    expect({ metadata, spec, status }).toStrictEqual({
      metadata: { name: 'web', annotations: { team: text } },
      spec: {
        scaleTargetRef,
        minReplicas: 2,
        maxReplicas: 9,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
      },
      status: {
        desiredReplicas: 3,
        currentReplicas: 3,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 41 } } },
        ],
      },
    });
  },
);

test('v2beta2 loses the tolerance only', () => {
  const behavior = {
    scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] },
  };
  expect(scheme.convert(structuredClone(full), v2beta2)).toStrictEqual({
    ...full,
    apiVersion: 'autoscaling/v2beta2',
    spec: { ...full.spec, behavior },
  });
});

test('v2beta1 flattens metrics and keeps behavior in its annotation', () => {
  const there = scheme.convert<typeof full>(structuredClone(full), v2beta1);
  expect(there.spec).toStrictEqual({
    scaleTargetRef,
    minReplicas: 2,
    maxReplicas: 9,
    metrics: [
      { type: 'Pods', pods: { metricName: 'qps', targetAverageValue: '1k' } },
      { type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 70 } },
    ],
  });
  expect(scheme.convert(there, v2)).toStrictEqual(full);
});
