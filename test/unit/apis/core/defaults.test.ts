import { expect, test } from 'vitest';
import type { RuntimeObject } from '../../../../shared/runtime/scheme.ts';
import { defaultedObject, type Manifest } from '../../../fixtures/internal-object.ts';

type Case = readonly [name: string, kind: string, given: object, defaulted: object];

/** A partial object, and the expected parts after defaulting. */
const CASES: Case[] = [
  [
    'images without a tag are always pulled',
    'Pod',
    {
      spec: {
        containers: [{ name: 'a', image: 'nginx' }],
        initContainers: [{ name: 'b', image: 'r:5/b:v1' }],
      },
    },
    {
      spec: {
        containers: [{ imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log' }],
        initContainers: [{ imagePullPolicy: 'IfNotPresent' }],
        restartPolicy: 'Always',
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        terminationGracePeriodSeconds: 30,
      },
    },
  ],
  [
    'images with a digest are pulled once',
    'Pod',
    { spec: { containers: [{ name: 'a', image: `a@sha256:${'0'.repeat(64)}` }] } },
    { spec: { containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
  ],
  [
    'a volume without a source is an empty directory',
    'Pod',
    { spec: { volumes: [{ name: 'a' }, { name: 'b', configMap: { name: 'c' } }] } },
    {
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', configMap: { defaultMode: 420 } },
        ],
      },
    },
  ],
  [
    'requests default to limits',
    'Pod',
    {
      spec: {
        containers: [
          { name: 'a', resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } } },
        ],
      },
    },
    { spec: { containers: [{ resources: { requests: { cpu: '1', memory: '1Gi' } } }] } },
  ],
  [
    'quantities are rounded to thousandths',
    'Pod',
    { spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1.0001', memory: '0.1' } } }] } },
    { spec: { containers: [{ resources: { requests: { cpu: '1001m', memory: '100m' } } }] } },
  ],
  [
    'host ports default to container ports on the host network',
    'Pod',
    { spec: { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } },
    { spec: { containers: [{ ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] } },
  ],
  [
    'the old name of the service account',
    'Pod',
    { spec: { serviceAccount: 'robot' } },
    { spec: { serviceAccount: 'robot', serviceAccountName: 'robot' } },
  ],
  [
    'the new name of the service account takes precedence',
    'Pod',
    { spec: { serviceAccount: 'old', serviceAccountName: 'robot' } },
    { spec: { serviceAccount: 'robot', serviceAccountName: 'robot' } },
  ],
  [
    'one address and several',
    'Pod',
    { spec: {}, status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }] } },
    { status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] } },
  ],
  [
    'allocatable defaults to the capacity',
    'Node',
    { spec: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, status: { capacity: { cpu: '4' } } },
    { spec: { podCIDR: '10.0.0.0/24' }, status: { allocatable: { cpu: '4' } } },
  ],
  [
    'services',
    'Service',
    { spec: { ports: [{ port: 80 }, { port: 81, targetPort: 'http', protocol: 'UDP' }] } },
    {
      spec: {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ports: [
          { port: 80, protocol: 'TCP', targetPort: 80 },
          { port: 81, protocol: 'UDP', targetPort: 'http' },
        ],
      },
    },
  ],
  [
    'load balancers',
    'Service',
    {
      spec: { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'a.b' }] } },
    },
    {
      spec: {
        externalTrafficPolicy: 'Cluster',
        allocateLoadBalancerNodePorts: true,
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
      },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4', ipMode: 'VIP' }, { hostname: 'a.b' }] } },
    },
  ],
  [
    "selectors of replication controllers default to the template's labels",
    'ReplicationController',
    { spec: { template: { metadata: { labels: { app: 'a' } }, spec: {} } } },
    { metadata: { labels: { app: 'a' } }, spec: { replicas: 1, selector: { app: 'a' } } },
  ],
  [
    'namespaces are labelled with their name',
    'Namespace',
    { metadata: { name: 'blue', labels: { a: 'b' } } },
    { metadata: { labels: { a: 'b', 'kubernetes.io/metadata.name': 'blue' } }, status: { phase: 'Active' } },
  ],
  [
    'limit ranges: default requests default to the minimum, default limits to the maximum',
    'LimitRange',
    { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' } }] } },
    {
      spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }] },
    },
  ],
  [
    'limit ranges of pods are unchanged',
    'LimitRange',
    { spec: { limits: [{ type: 'Pod', max: { cpu: '2' } }] } },
    { spec: { limits: [{ type: 'Pod', max: { cpu: '2' } }] } },
  ],
  [
    'secrets: stringData becomes data',
    'Secret',
    { data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'x', __proto__2: 'y' } },
    { type: 'Opaque', data: { a: 'YQ==', b: 'eA==', __proto__2: 'eQ==' } },
  ],
  [
    'claims',
    'PersistentVolumeClaim',
    { spec: {} },
    { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
  ],
  [
    'volumes',
    'PersistentVolume',
    { spec: {} },
    {
      spec: { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' },
      status: { phase: 'Pending' },
    },
  ],
  [
    'endpoints',
    'Endpoints',
    { subsets: [{ ports: [{ port: 80 }] }] },
    { subsets: [{ ports: [{ port: 80, protocol: 'TCP' }] }] },
  ],
];

test.each(CASES)('%s', (_, kind, given, defaulted) => {
  const manifest = { apiVersion: 'v1', kind, ...given } as Manifest;
  expect(defaultedObject<RuntimeObject>(manifest)).toMatchObject(defaulted);
});

test('templates are stored as written', () => {
  const container = {
    name: 'a',
    image: 'a:v1',
    resources: { limits: { cpu: '1' } },
    ports: [{ containerPort: 80 }],
  };
  const manifest = {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    template: { spec: { hostNetwork: true, containers: [container] } },
  };
  const { template } = defaultedObject<RuntimeObject & { template: { spec: object } }>(manifest);
  expect(template.spec).toEqual({
    containers: [
      {
        ...container,
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    hostNetwork: true,
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
});
