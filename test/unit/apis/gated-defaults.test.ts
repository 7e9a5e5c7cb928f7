import { expect, test } from 'vitest';
import { gatedDefaulter } from '../../../shared/apis/gated-defaults.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';

const applied = (object: object, ...on: string[]): object => {
  const copy = structuredClone(object) as RuntimeObject;
  gatedDefaulter({ applyDefaults: () => {} }, (gate) => on.includes(gate)).applyDefaults(copy);
  return copy;
};

const probed = (protocol?: string) => ({
  containers: [
    {
      livenessProbe: { httpGet: { port: 80, ...(protocol && { protocol }) } },
      readinessProbe: { httpGet: { protocol: 'HTTP2' } },
      startupProbe: { grpc: { port: 1 } },
      lifecycle: { preStop: { httpGet: { port: 81, ...(protocol && { protocol }) } } },
    },
  ],
});
const POLICY = { preemptionPolicy: 'PreemptLowerPriority' };
const rolling = (updateStrategy: object) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  spec: { updateStrategy },
});
const driver = (apiVersion: string, spec: object) => ({ apiVersion, kind: 'CSIDriver', spec });
const group = (kind: string, spec: object) => ({ apiVersion: 'scheduling.k8s.io/v1alpha3', kind, spec });

test.each<[string, string, object, object]>([
  [
    'pods',
    'H2CContainerProbe',
    { apiVersion: 'v1', kind: 'Pod', spec: probed() },
    { apiVersion: 'v1', kind: 'Pod', spec: probed('HTTP1') },
  ],
  [
    'templates',
    'H2CContainerProbe',
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec: probed() } } },
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec: probed('HTTP1') } } },
  ],
  [
    'templates within templates',
    'H2CContainerProbe',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { jobTemplate: { spec: { template: { spec: probed() } } } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { jobTemplate: { spec: { template: { spec: probed('HTTP1') } } } },
    },
  ],
  [
    'stateful sets',
    'MaxUnavailableStatefulSet',
    rolling({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } }),
    rolling({ type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } }),
  ],
  [
    'stateful sets with a value set',
    'MaxUnavailableStatefulSet',
    rolling({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } }),
    rolling({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } }),
  ],
  [
    'stateful sets without rolling updates',
    'MaxUnavailableStatefulSet',
    rolling({ type: 'OnDelete', rollingUpdate: {} }),
    rolling({ type: 'OnDelete', rollingUpdate: {} }),
  ],
  [
    'drivers',
    'VolumeLimitScaling',
    driver('storage.k8s.io/v1', {}),
    driver('storage.k8s.io/v1', { preventPodSchedulingIfMissing: false }),
  ],
  [
    'drivers in a version without the field',
    'VolumeLimitScaling',
    driver('storage.k8s.io/v1beta1', {}),
    driver('storage.k8s.io/v1beta1', {}),
  ],
  [
    'drivers of file systems with labels',
    'SELinuxMountReadWriteOncePod',
    driver('storage.k8s.io/v1', {}),
    driver('storage.k8s.io/v1', { seLinuxMount: false }),
  ],
  ['groups of pods', 'PodGroupPreemptionPolicy', group('PodGroup', {}), group('PodGroup', POLICY)],
  [
    'groups of groups',
    'PodGroupPreemptionPolicy',
    group('CompositePodGroup', {}),
    group('CompositePodGroup', POLICY),
  ],
])('defaults of %s come with %s', (_what, gate, given, expected) => {
  expect(applied(given)).toEqual(given);
  expect(applied(given, gate)).toEqual(expected);
});
