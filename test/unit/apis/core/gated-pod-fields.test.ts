import { expect, test } from 'vitest';
import type { StatefulSet } from '../../../../shared/apis/apps/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../../shared/apis/core/gated-pod-fields.ts';
import type { Pod, PodTemplateSpec } from '../../../../shared/apis/core/v1/types.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { daemonSetStrategy } from '../../../../shared/registry/apps/daemonset/strategy.ts';
import { deploymentStrategy } from '../../../../shared/registry/apps/deployment/strategy.ts';
import { replicaSetStrategy } from '../../../../shared/registry/apps/replicaset/strategy.ts';
import { statefulSetStrategy } from '../../../../shared/registry/apps/statefulset/strategy.ts';
import { cronJobStrategy } from '../../../../shared/registry/batch/cronjob/strategy.ts';
import { jobStrategy } from '../../../../shared/registry/batch/job/strategy.ts';
import { podStrategy } from '../../../../shared/registry/core/pod/strategy.ts';
import { podTemplateStrategy } from '../../../../shared/registry/core/podtemplate/strategy.ts';
import { replicationControllerStrategy } from '../../../../shared/registry/core/replicationcontroller/strategy.ts';
import type { RESTStrategy } from '../../../../shared/rest/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createOutcome, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const gated = (restartPolicy = 'Always') => ({
  restartPolicy,
  schedulingGroup: { podGroupName: 'group' },
  containers: [
    { name: 'a', image: 'a', lifecycle: { stopSignal: 'SIGUSR1' } },
    {
      name: 'b',
      image: 'b',
      lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } },
    },
  ],
  os: { name: 'linux' },
  volumes: [
    {
      name: 'v',
      projected: {
        sources: [
          { clusterTrustBundle: { name: 'c', path: 'c' } },
          { podCertificate: { signerName: 'example.com/s', keyType: 'ED25519', keyPath: 'k' } },
        ],
      },
    },
  ],
});

function expectDropped(spec: Pod['spec'] | undefined): void {
  expect(spec?.schedulingGroup).toBeUndefined();
  expect(spec?.containers?.map(({ lifecycle }) => lifecycle)).toEqual([
    undefined,
    { preStop: { sleep: { seconds: 1 } } },
  ]);
  expect(spec?.volumes?.[0]?.projected?.sources).toEqual([{}, {}]);
}

/** Gates that are on by default, and the fields they guard. */
const OFF = {
  without: ['ClusterTrustBundleProjection', 'MaxUnavailableStatefulSet', 'PodCertificateRequest'],
};

const pod = { apiVersion: 'v1', kind: 'Pod', spec: gated() };

test('a new pod has no fields of disabled gates', async () => {
  const { object } = await createOutcome<Pod>(podStrategy, pod, OFF);
  expectDropped(object.spec);
});

test('with the gates enabled all fields are kept', async () => {
  const features = [
    'ClusterTrustBundleProjection',
    'PodCertificateRequest',
    'GenericWorkload',
    'ContainerStopSignals',
  ];
  const { object } = await createOutcome<Pod>(podStrategy, pod, { features });
  expect(object.spec).toMatchObject(gated());
});

test('fields of a stored pod are kept', async () => {
  const { object } = await updateOutcome<Pod>(podStrategy, { from: pod, to: pod }, OFF);
  expect(object.spec).toMatchObject(gated());
});

const labels = { app: 'a' };
const template = (restartPolicy?: string) => ({ metadata: { labels }, spec: gated(restartPolicy) });
const selector = { matchLabels: labels };
const workload = (apiVersion: string, kind: string, spec: object): Manifest => ({ apiVersion, kind, spec });

test.each<[string, RESTStrategy<never>, Manifest, (object: never) => PodTemplateSpec]>([
  [
    'pod template',
    podTemplateStrategy as never,
    { apiVersion: 'v1', kind: 'PodTemplate', template: template() },
    (object: { template: PodTemplateSpec }) => object.template,
  ],
  ...[
    ['ReplicationController', 'v1', replicationControllerStrategy, { selector: labels }] as const,
    ['Deployment', 'apps/v1', deploymentStrategy, { selector }] as const,
    ['DaemonSet', 'apps/v1', daemonSetStrategy, { selector }] as const,
    ['ReplicaSet', 'apps/v1', replicaSetStrategy, { selector }] as const,
    ['StatefulSet', 'apps/v1', statefulSetStrategy, { selector, serviceName: 's' }] as const,
    ['Job', 'batch/v1', jobStrategy, {}] as const,
  ].map(
    ([kind, apiVersion, strategy, spec]) =>
      [
        kind,
        strategy as never,
        workload(apiVersion, kind, {
          ...spec,
          template: template(kind === 'Job' ? 'Never' : undefined),
        }),
        (object: { spec: { template: PodTemplateSpec } }) => object.spec.template,
      ] as [string, RESTStrategy<never>, Manifest, (object: never) => PodTemplateSpec],
  ),
  [
    'CronJob',
    cronJobStrategy as never,
    workload('batch/v1', 'CronJob', {
      schedule: '* * * * *',
      jobTemplate: { spec: { template: template('Never') } },
    }),
    (object: { spec: { jobTemplate: { spec: { template: PodTemplateSpec } } } }) =>
      object.spec.jobTemplate.spec.template,
  ],
])('a %s has no fields of disabled gates', async (_, strategy, manifest, templateOf) => {
  const created = await createOutcome<KubeObject>(strategy as never, manifest, OFF);
  expectDropped(templateOf(created.object as never).spec);
  const update = { from: manifest, to: manifest };
  const updated = await updateOutcome<KubeObject>(strategy as never, update, OFF);
  expect(templateOf(updated.object as never).spec?.schedulingGroup).toBeDefined();
});

test('a new stateful set replaces its pods one by one', async () => {
  const updateStrategy = { rollingUpdate: { maxUnavailable: 2 } };
  const manifest = workload('apps/v1', 'StatefulSet', { selector, template: template(), updateStrategy });
  const { object } = await createOutcome<StatefulSet>(statefulSetStrategy, manifest, OFF);
  expect(object.spec.updateStrategy.rollingUpdate).toEqual({ partition: 0 });
  const updated = await updateOutcome<StatefulSet>(
    statefulSetStrategy,
    { from: manifest, to: manifest },
    OFF,
  );
  expect(updated.object.spec.updateStrategy.rollingUpdate).toEqual({ partition: 0, maxUnavailable: 2 });
});

test.each([
  [{}, undefined],
  [{ cpu: '1' }, { cpu: '1' }],
])('a template with an overhead of %j has %j', (overhead, kept) => {
  const template: PodTemplateSpec = { metadata: {}, spec: { containers: [], overhead } };
  dropDisabledTemplateFields({ featureEnabled: () => true }, template, undefined);
  expect(template.spec?.overhead).toEqual(kept);
});
