import { expect, test } from 'vitest';
import { defaultedObject, scheme } from '../../../fixtures/internal-object.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

/** `group/version/Kind`, a path in the object, its value before, and its value after defaulting. */
const CASES: [name: string, path: string, given: unknown, defaulted: unknown][] = [
  [
    'apps/v1/Deployment',
    'spec.strategy',
    undefined,
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  ],
  [
    'apps/v1/Deployment',
    'spec.strategy',
    { rollingUpdate: { maxSurge: 3 } },
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: 3 } },
  ],
  [
    'storage.k8s.io/v1/VolumeAttachment',
    'spec.source.inlineVolumeSpec',
    { iscsi: { iqn: 'a' } },
    { iscsi: { targetPortal: '', iqn: 'a', lun: 0, iscsiInterface: 'default' } },
  ],
  ['apps/v1/Deployment', 'spec.strategy', { type: 'Recreate' }, { type: 'Recreate' }],
  ['apps/v1/Deployment', 'spec.progressDeadlineSeconds', undefined, 600],
  ['apps/v1/Deployment', 'spec.replicas', 0, 0],
  ['apps/v1/Deployment', 'spec.paused', undefined, undefined],
  [
    'apps/v1/DaemonSet',
    'spec.updateStrategy',
    undefined,
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  ],
  ['apps/v1/DaemonSet', 'spec.updateStrategy', { type: 'OnDelete' }, { type: 'OnDelete' }],
  [
    'apps/v1/StatefulSet',
    'spec.updateStrategy',
    undefined,
    { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
  ],
  ['apps/v1/StatefulSet', 'spec.updateStrategy', { type: 'RollingUpdate' }, { type: 'RollingUpdate' }],
  ['apps/v1/StatefulSet', 'spec.podManagementPolicy', undefined, 'OrderedReady'],
  [
    'apps/v1/StatefulSet',
    'spec.persistentVolumeClaimRetentionPolicy',
    { whenScaled: 'Delete' },
    { whenDeleted: 'Retain', whenScaled: 'Delete' },
  ],
  ['apps/v1/ReplicaSet', 'spec.replicas', undefined, 1],
  ['batch/v1/Job', 'spec.completions', undefined, 1],
  ['batch/v1/Job', 'spec', { parallelism: 3 }, expect.not.objectContaining({ completions: 1 })],
  ['batch/v1/Job', 'spec.backoffLimit', undefined, 6],
  [
    'batch/v1/Job',
    'spec',
    { backoffLimitPerIndex: 1 },
    expect.objectContaining({ backoffLimit: 2_147_483_647 }),
  ],
  ['batch/v1/Job', 'spec.podReplacementPolicy', undefined, 'TerminatingOrFailed'],
  [
    'batch/v1/Job',
    'spec',
    { podFailurePolicy: { rules: [{ action: 'Count', onPodConditions: [{ type: 'Ready' }] }] } },
    expect.objectContaining({
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'Count', onPodConditions: [{ type: 'Ready', status: 'True' }] }],
      },
    }),
  ],
  ['batch/v1/Job', 'spec.manualSelector', undefined, false],
  ['batch/v1/CronJob', 'spec.concurrencyPolicy', undefined, 'Allow'],
  ['batch/v1/CronJob', 'spec.successfulJobsHistoryLimit', undefined, 3],
  ['batch/v1/CronJob', 'spec.jobTemplate.spec.parallelism', undefined, undefined],
  ['batch/v1beta1/CronJob', 'spec.failedJobsHistoryLimit', undefined, 1],
  ['batch/v2alpha1/CronJob', 'spec.failedJobsHistoryLimit', undefined, undefined],
  ['batch/v2alpha1/CronJob', 'spec.suspend', undefined, false],
  [
    'autoscaling/v2/HorizontalPodAutoscaler',
    'spec.metrics',
    undefined,
    [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ],
  ],
  ['autoscaling/v2/HorizontalPodAutoscaler', 'spec.minReplicas', undefined, 1],
  [
    'autoscaling/v2/HorizontalPodAutoscaler',
    'spec.behavior',
    { scaleDown: { stabilizationWindowSeconds: 60 } },
    {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    },
  ],
  ['autoscaling/v2/HorizontalPodAutoscaler', 'spec.behavior', undefined, undefined],
  ['autoscaling/v1/HorizontalPodAutoscaler', 'spec.minReplicas', undefined, 1],
  [
    'autoscaling/v2beta1/HorizontalPodAutoscaler',
    'spec.metrics',
    undefined,
    [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }],
  ],
  ['networking.k8s.io/v1/NetworkPolicy', 'spec.policyTypes', undefined, ['Ingress']],
  [
    'networking.k8s.io/v1/NetworkPolicy',
    'spec',
    { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] },
    {
      podSelector: {},
      egress: [{ ports: [{ protocol: 'TCP', port: 53 }] }],
      policyTypes: ['Ingress', 'Egress'],
    },
  ],
  [
    'networking.k8s.io/v1/IngressClass',
    'spec',
    { controller: 'a.b/c', parameters: { kind: 'K', name: 'n' } },
    { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', scope: 'Cluster' } },
  ],
  [
    'networking.k8s.io/v1beta1/Ingress',
    'spec.rules',
    [{ http: { paths: [{ backend: { serviceName: 's', servicePort: 80 } }] } }],
    [
      {
        http: {
          paths: [{ pathType: 'ImplementationSpecific', backend: { serviceName: 's', servicePort: 80 } }],
        },
      },
    ],
  ],
  ['rbac.authorization.k8s.io/v1/RoleBinding', 'roleRef.apiGroup', undefined, 'rbac.authorization.k8s.io'],
  [
    'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
    'subjects',
    [
      { kind: 'User', name: 'u' },
      { kind: 'Group', name: 'g', apiGroup: 'other' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
    [
      { kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' },
      { kind: 'Group', name: 'g', apiGroup: 'other' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
  ],
  [
    'rbac.authorization.k8s.io/v1alpha1/RoleBinding',
    'subjects',
    [
      { kind: 'User', name: 'u' },
      { kind: 'ServiceAccount', name: 's' },
    ],
    [
      { kind: 'User', name: 'u', apiVersion: 'rbac.authorization.k8s.io/v1alpha1' },
      { kind: 'ServiceAccount', name: 's', apiVersion: 'v1' },
    ],
  ],
  [
    'resource.k8s.io/v1/ResourceClaim',
    'spec.devices.requests',
    [
      { name: 'a', exactly: { deviceClassName: 'gpu', tolerations: [{ key: 'k' }] } },
      { name: 'b', exactly: { deviceClassName: 'gpu', allocationMode: 'All' } },
      { name: 'c', firstAvailable: [{ name: 'd', deviceClassName: 'gpu' }] },
    ],
    [
      {
        name: 'a',
        exactly: {
          deviceClassName: 'gpu',
          allocationMode: 'ExactCount',
          count: 1,
          tolerations: [{ key: 'k', operator: 'Equal' }],
        },
      },
      { name: 'b', exactly: { deviceClassName: 'gpu', allocationMode: 'All' } },
      {
        name: 'c',
        firstAvailable: [{ name: 'd', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }],
      },
    ],
  ],
  [
    'resource.k8s.io/v1beta1/ResourceClaim',
    'spec.devices.requests',
    [{ name: 'a', deviceClassName: 'gpu' }, { name: 'b' }],
    [
      { name: 'a', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
      { name: 'b', deviceClassName: '' },
    ],
  ],
  [
    'resource.k8s.io/v1/ResourceSlice',
    'spec.devices',
    [
      {
        name: 'd',
        taints: [{ key: 'k', effect: 'NoExecute' }],
      },
    ],
    [
      {
        name: 'd',
        taints: [{ key: 'k', effect: 'NoExecute', timeAdded: TIME }],
      },
    ],
  ],
  ['resource.k8s.io/v1alpha3/DeviceTaintRule', 'spec.taint.timeAdded', undefined, TIME],
  ['resource.k8s.io/v1alpha3/ResourcePoolStatusRequest', 'spec.limit', undefined, 100],
  ['storage.k8s.io/v1/CSIDriver', 'spec.preventPodSchedulingIfMissing', undefined, false],
  ['scheduling.k8s.io/v1/PriorityClass', 'preemptionPolicy', undefined, 'PreemptLowerPriority'],
  ['scheduling.k8s.io/v1alpha1/PriorityClass', 'preemptionPolicy', 'Never', 'Never'],
  ['scheduling.k8s.io/v1alpha2/PodGroup', 'spec.disruptionMode', undefined, 'Pod'],
  ['scheduling.k8s.io/v1alpha3/CompositePodGroup', 'spec.disruptionMode', undefined, { single: {} }],
  ['scheduling.k8s.io/v1alpha3/PodGroup', 'spec.disruptionMode', undefined, { single: {} }],
  ['scheduling.k8s.io/v1beta1/PodGroup', 'spec.disruptionMode', undefined, { single: {} }],
  ['resource.k8s.io/v1/DeviceTaintRule', 'spec.taint.timeAdded', undefined, TIME],
  ['certificates.k8s.io/v1/PodCertificateRequest', 'spec.maxExpirationSeconds', undefined, 86400],
  ['storage.k8s.io/v1/StorageClass', 'reclaimPolicy', undefined, 'Delete'],
  ['storage.k8s.io/v1/StorageClass', 'volumeBindingMode', undefined, 'Immediate'],
  [
    'storage.k8s.io/v1beta1/CSIDriver',
    'spec',
    {},
    {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    },
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
    'spec.limited',
    { limitResponse: { type: 'Queue', queuing: {} } },
    {
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    },
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
    'spec.limited.nominalConcurrencyShares',
    0,
    0,
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta1/PriorityLevelConfiguration',
    'spec.limited.assuredConcurrencyShares',
    0,
    30,
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
    'spec.exempt',
    {},
    { nominalConcurrencyShares: 0, lendablePercent: 0 },
  ],
  ['flowcontrol.apiserver.k8s.io/v1alpha1/FlowSchema', 'spec.matchingPrecedence', undefined, 1000],
  [
    'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
    'webhooks',
    [
      {
        name: 'a',
        clientConfig: { service: { name: 's', namespace: 'n' } },
        rules: [{ operations: ['CREATE'] }],
      },
    ],
    [
      {
        name: 'a',
        admissionReviewVersions: null,
        clientConfig: { service: { name: 's', namespace: 'n', port: 443 } },
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        rules: [{ operations: ['CREATE'], scope: '*' }],
        sideEffects: null,
        timeoutSeconds: 10,
      },
    ],
  ],
  [
    'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration',
    'webhooks',
    [
      {
        name: 'a',
        clientConfig: { service: { name: 's', namespace: 'n' } },
        rules: [{ operations: ['CREATE'] }],
      },
    ],
    [
      {
        name: 'a',
        admissionReviewVersions: ['v1beta1'],
        clientConfig: { service: { name: 's', namespace: 'n', port: 443 } },
        failurePolicy: 'Ignore',
        matchPolicy: 'Exact',
        namespaceSelector: {},
        objectSelector: {},
        reinvocationPolicy: 'Never',
        rules: [{ operations: ['CREATE'], scope: '*' }],
        sideEffects: 'Unknown',
        timeoutSeconds: 30,
      },
    ],
  ],
  [
    'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
    'spec',
    { matchConstraints: { resourceRules: [{ operations: ['*'] }] } },
    {
      failurePolicy: 'Fail',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [{ operations: ['*'], scope: '*' }],
      },
    },
  ],
  [
    'certificates.k8s.io/v1beta1/CertificateSigningRequest',
    'status.conditions',
    [{ type: 'Approved' }],
    [{ type: 'Approved', status: 'True', lastTransitionTime: null, lastUpdateTime: null }],
  ],
  ['certificates.k8s.io/v1beta1/PodCertificateRequest', 'spec.maxExpirationSeconds', undefined, 86400],
  [
    'discovery.k8s.io/v1beta1/EndpointSlice',
    'ports',
    [{ port: 80 }],
    [{ name: '', protocol: 'TCP', port: 80 }],
  ],
  ['policy/v1beta1/PodSecurityPolicy', 'spec.allowPrivilegeEscalation', undefined, true],
  ['apiregistration.k8s.io/v1beta1/APIService', 'spec.service', { name: 's' }, { name: 's', port: 443 }],
];

function nest(path: string, value: unknown): Record<string, unknown> {
  return path
    .split('.')
    .reduceRight<unknown>((inner, key) => (inner === undefined ? {} : { [key]: inner }), value) as Record<
    string,
    unknown
  >;
}

const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], object);

test.each(CASES)('%s %s', (name, path, given, defaulted) => {
  const kind = name.slice(name.lastIndexOf('/') + 1);
  const apiVersion = name.slice(0, name.lastIndexOf('/'));
  const object = defaultedObject({ apiVersion, kind, ...nest(path, given) });
  const value = at(object, path);
  expect(value).toEqual(defaulted);
});

test('a Job without labels gets those of its template', () => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: { template: { metadata: { labels: { a: 'b' } } } },
  };
  expect(defaultedObject<typeof job & { metadata: object }>(job).metadata).toEqual({ labels: { a: 'b' } });
});

test('defaulting is idempotent', () => {
  for (const [name, path, given] of CASES) {
    const kind = name.slice(name.lastIndexOf('/') + 1);
    const manifest = { apiVersion: name.slice(0, name.lastIndexOf('/')), kind, ...nest(path, given) };
    const once = defaultedObject(manifest);
    expect(defaultedObject({ ...structuredClone(once) })).toEqual(once);
  }
  expect(scheme.groups().length).toBeGreaterThan(20);
});
