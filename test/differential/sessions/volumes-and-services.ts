/** Lifecycle of volumes and claims, default classes, services that change their type. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const CLAIMS = `${N}/persistentvolumeclaims`;
const VOLUMES = '/api/v1/persistentvolumes';
const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
const SERVICES = `${N}/services`;

const claim = (name: string, spec: object = {}, metadata: object = {}) => ({
  ...object('v1', 'PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  }),
  metadata: { name, ...metadata },
});
const volume = (name: string, spec: object = {}) =>
  object('v1', 'PersistentVolume', name, {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' }, ...spec },
  });
const storageClass = (name: string, more: object = {}, metadata: object = {}) => ({
  ...object('storage.k8s.io/v1', 'StorageClass', name, { provisioner: 'example.com/p', ...more }),
  metadata: { name, ...metadata },
});
const size = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

const VOLUME_STEPS: readonly Step[] = [
  ...[
    {},
    { allowVolumeExpansion: true },
    { reclaimPolicy: 'Odd' },
    { reclaimPolicy: 'Recycle' },
    { volumeBindingMode: 'Odd' },
    { provisioner: '' },
    { provisioner: 'A b' },
    { parameters: { '': 'x' } },
    { parameters: { a: 'x'.repeat(300_000) } },
    { mountOptions: ['', 'a'] },
    { allowedTopologies: [{}, { matchLabelExpressions: [{ key: 'a', values: [] }] }] },
    {
      allowedTopologies: [
        {
          matchLabelExpressions: [
            { key: 'a', values: ['x', 'x'] },
            { key: 'a', values: ['y'] },
          ],
        },
        { matchLabelExpressions: [{ key: 'b b', values: ['y'] }] },
      ],
    },
  ].map((more) => post(`${CLASSES}?dryRun=All`, storageClass('$N-x', more))),
  post(CLASSES, storageClass('$N-grows', { allowVolumeExpansion: true })),
  post(CLASSES, storageClass('$N-stays')),
  get(`${CLASSES}/$N-grows`, TABLE),
  patch('merge', `${CLASSES}/$N-stays?dryRun=All`, { parameters: { a: 'b' } }),
  patch('merge', `${CLASSES}/$N-stays?dryRun=All`, { provisioner: 'x' }),
  patch('merge', `${CLASSES}/$N-stays?dryRun=All`, { reclaimPolicy: 'Retain' }),
  patch('merge', `${CLASSES}/$N-stays?dryRun=All`, { volumeBindingMode: 'WaitForFirstConsumer' }),
  patch('merge', `${CLASSES}/$N-stays?dryRun=All`, { allowVolumeExpansion: true, mountOptions: ['a'] }),
  ...[
    {},
    { accessModes: [] },
    { accessModes: ['Odd'] },
    { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
    { resources: {} },
    { resources: { requests: { storage: '0' } } },
    { resources: { requests: { storage: '-1' } } },
    { resources: { requests: { storage: '1.5' }, limits: { storage: '1' } } },
    { resources: { requests: { cpu: '1', storage: '1' } } },
    { storageClassName: 'A b' },
    { storageClassName: '' },
    { volumeMode: 'Odd' },
    { volumeMode: 'Block' },
    { volumeName: 'x y' },
    { selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } },
    { selector: {} },
    { dataSource: { kind: 'PersistentVolumeClaim', name: 'x' } },
    { dataSource: { kind: 'Odd', name: 'x' } },
    { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: '' } },
    { dataSourceRef: { kind: 'ConfigMap', name: 'x' } },
    { dataSourceRef: { apiGroup: 'a.b', kind: 'C', name: 'x', namespace: 'other' } },
    {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'x' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'y' },
    },
    { volumeAttributesClassName: '' },
    { volumeAttributesClassName: 'A b' },
    { volumeAttributesClassName: 'gold' },
  ].map((spec) => post(`${CLAIMS}?dryRun=All`, claim('x', spec))),
  post(CLAIMS, claim('grows', { storageClassName: '$N-grows' })),
  post(CLAIMS, claim('stays', { storageClassName: '$N-stays' })),
  post(CLAIMS, claim('none', { storageClassName: '' })),
  post(CLAIMS, claim('old', {}, { annotations: { 'volume.beta.kubernetes.io/storage-class': '$N-grows' } })),
  ...['grows', 'stays', 'none'].flatMap((name) => [
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, size('2Gi')),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { accessModes: ['ReadWriteMany'] } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { volumeName: 'v' } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { storageClassName: 'other' } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { volumeAttributesClassName: 'gold' } }),
  ]),
  ...['grows', 'stays'].flatMap((name) => [
    patch('merge', `${CLAIMS}/${name}`, { spec: { volumeName: 'v' } }),
    patch('merge', `${CLAIMS}/${name}/status`, {
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
    }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, size('2Gi')),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, size('512Mi')),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { volumeName: null } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { volumeAttributesClassName: 'gold' } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { volumeMode: 'Block' } }),
    patch('merge', `${CLAIMS}/${name}?dryRun=All`, { spec: { resources: { limits: { storage: '5Gi' } } } }),
    patch('merge', `${CLAIMS}/${name}/status?dryRun=All`, {
      status: {
        allocatedResources: { storage: '2Gi' },
        allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
      },
    }),
    patch('merge', `${CLAIMS}/${name}/status?dryRun=All`, {
      status: { allocatedResourceStatuses: { 'a/b': 'Odd', storage: 'x' } },
    }),
    patch('merge', `${CLAIMS}/${name}/status?dryRun=All`, { status: { capacity: { storage: '-1' } } }),
    patch('merge', `${CLAIMS}/${name}/status?dryRun=All`, {
      status: { conditions: [{ type: 'Resizing', status: 'True' }] },
    }),
    patch('merge', `${CLAIMS}/${name}/status?dryRun=All`, {
      status: { modifyVolumeStatus: { status: 'Odd' } },
    }),
  ]),
  get(CLAIMS, TABLE),
  get(CLAIMS),
  remove(`${CLAIMS}/grows`),
  get(`${CLAIMS}/grows`, TABLE),
  remove(`${CLAIMS}/grows`),
  patch('json', `${CLAIMS}/grows`, [{ op: 'remove', path: '/metadata/finalizers' }]),
  get(`${CLAIMS}/grows`),
  ...[
    {},
    { capacity: {} },
    { capacity: { storage: '0' } },
    { capacity: { storage: '1Gi', cpu: '1' } },
    { capacity: { storage: '-1' } },
    { accessModes: [] },
    { accessModes: ['Odd'] },
    { persistentVolumeReclaimPolicy: 'Odd' },
    { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/' } },
    { hostPath: null },
    { hostPath: { path: '' } },
    { hostPath: { path: '/a/../b' } },
    { hostPath: { path: '/a', type: 'Odd' } },
    { nfs: { server: 'a', path: 'b' } },
    { storageClassName: 'A b' },
    { volumeMode: 'Odd' },
    { mountOptions: ['a'] },
    { hostPath: null, local: { path: '/a' } },
    {
      hostPath: null,
      local: { path: '/a' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n'] }] },
          ],
        },
      },
    },
    { nodeAffinity: {} },
    { nodeAffinity: { required: { nodeSelectorTerms: [] } } },
    {
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'x', operator: 'In', values: ['a', 'b'] }] }],
        },
      },
    },
    { hostPath: null, csi: { driver: '', volumeHandle: '' } },
    { hostPath: null, csi: { driver: 'a b', volumeHandle: 'x', controllerPublishSecretRef: { name: 'a' } } },
    { hostPath: null, csi: { driver: 'a.b', volumeHandle: 'x' } },
    { volumeAttributesClassName: 'x' },
    { hostPath: null, csi: { driver: 'a.b', volumeHandle: 'x' }, volumeAttributesClassName: '' },
    { claimRef: {} },
    { claimRef: { name: 'a', namespace: 'b' } },
    { hostPath: null, nfs: { server: '', path: '' } },
    { hostPath: null, iscsi: { targetPortal: 'x', iqn: 'x', lun: 300 } },
    { hostPath: null, fc: {} },
    { hostPath: null, rbd: { monitors: [], image: '' } },
    { hostPath: null, cephfs: {} },
    { hostPath: null, azureFile: {} },
    { hostPath: null, azureDisk: { diskName: 'a', diskURI: 'b' } },
    { hostPath: null, gcePersistentDisk: { pdName: '' } },
    { hostPath: null, flexVolume: {} },
    { hostPath: null, vsphereVolume: {} },
    { hostPath: null, portworxVolume: {} },
    { hostPath: null, glusterfs: {} },
    { hostPath: null, cinder: {} },
    { hostPath: null, storageos: {} },
    { hostPath: null, scaleIO: {} },
    { hostPath: null, quobyte: {} },
    { hostPath: null, photonPersistentDisk: {} },
    { hostPath: null, flocker: {} },
  ].map((spec) => post(`${VOLUMES}?dryRun=All&fieldValidation=Warn`, volume('$N-x', spec))),
  post(
    VOLUMES,
    volume('$N-v', { claimRef: { kind: 'PersistentVolumeClaim', namespace: '$N', name: 'stays', uid: 'u' } }),
  ),
  patch('merge', `${VOLUMES}/$N-v?dryRun=All`, { spec: { hostPath: { path: '/b' } } }),
  patch('merge', `${VOLUMES}/$N-v?dryRun=All`, { spec: { capacity: { storage: '2Gi' } } }),
  patch('merge', `${VOLUMES}/$N-v?dryRun=All`, { spec: { volumeMode: 'Block' } }),
  patch('merge', `${VOLUMES}/$N-v?dryRun=All`, {
    spec: {
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      },
    },
  }),
  patch('merge', `${VOLUMES}/$N-v?dryRun=All`, {
    spec: { persistentVolumeReclaimPolicy: 'Delete', storageClassName: 'x', claimRef: null },
  }),
  patch('merge', `${VOLUMES}/$N-v/status`, { status: { phase: 'Bound', message: 'm', reason: 'r' } }),
  get(`${VOLUMES}?fieldSelector=metadata.name%3D$N-v`, TABLE),
  remove(`${VOLUMES}/$N-v`),
  get(`${VOLUMES}/$N-v`, TABLE),
  patch('merge', `${VOLUMES}/$N-v`, { metadata: { finalizers: null } }),
  remove(`${CLASSES}/$N-grows`),
  remove(`${CLASSES}/$N-stays`),
];

const service = (name: string, spec: object) =>
  object('v1', 'Service', name, { spec: { ports: [{ port: 80 }], ...spec } });
const CHANGES: readonly object[] = [
  { type: 'NodePort' },
  { type: 'LoadBalancer' },
  { type: 'ClusterIP' },
  { type: 'ExternalName', externalName: 'a.b' },
  { type: 'ExternalName' },
  { clusterIP: 'None' },
  { clusterIP: '' },
  { clusterIP: '10.0.0.77' },
  { clusterIPs: ['10.0.0.78'] },
  { clusterIP: null, clusterIPs: null },
  { ports: [] },
  { ports: [{ port: 81 }] },
  { ports: [{ port: 80 }, { port: 81 }] },
  {
    ports: [
      { port: 80, name: 'a' },
      { port: 81, name: 'b' },
    ],
  },
  { ports: [{ port: 80, protocol: 'SCTP' }] },
  {
    ports: [
      { port: 80, protocol: 'TCP', name: 'a' },
      { port: 80, protocol: 'UDP', name: 'b' },
    ],
  },
  { ports: [{ port: 80, nodePort: 30999 }] },
  { ports: [{ port: 80, targetPort: 'name' }] },
  { ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] },
  { selector: { a: 'b' } },
  { selector: { 'a b': 'c' } },
  { sessionAffinity: 'ClientIP' },
  { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
  { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
  { sessionAffinity: 'Odd' },
  { externalTrafficPolicy: 'Local' },
  { type: 'NodePort', externalTrafficPolicy: 'Local' },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Odd' },
  { internalTrafficPolicy: 'Local' },
  { internalTrafficPolicy: 'Odd' },
  { trafficDistribution: 'PreferClose' },
  { trafficDistribution: 'PreferSameNode' },
  { trafficDistribution: 'Odd' },
  { ipFamilyPolicy: 'PreferDualStack' },
  { ipFamilyPolicy: 'RequireDualStack' },
  { ipFamilyPolicy: 'Odd' },
  { ipFamilies: ['IPv6'] },
  { ipFamilies: ['IPv4', 'IPv6'] },
  { ipFamilies: ['IPv4', 'IPv4'] },
  { ipFamilies: ['Odd'] },
  { externalIPs: ['1.2.3.4'] },
  { externalIPs: ['127.0.0.1', 'x'] },
  { type: 'LoadBalancer', loadBalancerClass: 'a/b' },
  { loadBalancerClass: 'a/b' },
  { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] },
  { type: 'LoadBalancer', loadBalancerSourceRanges: ['x'] },
  { loadBalancerSourceRanges: ['10.0.0.0/8'] },
  { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
  { allocateLoadBalancerNodePorts: false },
  { publishNotReadyAddresses: true },
  { type: 'LoadBalancer', healthCheckNodePort: 30888 },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30888 },
  { type: 'LoadBalancer', loadBalancerIP: '1.2.3.4' },
];
const KINDS: readonly (readonly [string, object])[] = [
  ['cluster', {}],
  ['headless', { clusterIP: 'None' }],
  [
    'node',
    {
      type: 'NodePort',
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'b' },
      ],
    },
  ],
  ['balanced', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }],
  ['external', { type: 'ExternalName', externalName: 'x.example.com', ports: [] }],
];

const SERVICE_STEPS: readonly Step[] = [
  ...CHANGES.map((spec) => post(`${SERVICES}?dryRun=All`, service('x', spec))),
  ...KINDS.map(([name, spec]) => post(SERVICES, service(name, spec))),
  ...KINDS.flatMap(([name]) =>
    CHANGES.map((spec) => patch('merge', `${SERVICES}/${name}?dryRun=All`, { spec })),
  ),
  ...KINDS.map(([name, spec]) => put(`${SERVICES}/${name}`, service(name, spec))),
  get(SERVICES, TABLE),
  patch('merge', `${SERVICES}/balanced/status`, {
    status: {
      loadBalancer: {
        ingress: [
          { ip: '1.2.3.4', ports: [{ port: 80, protocol: 'TCP' }] },
          { hostname: 'a.b', ipMode: 'Proxy' },
        ],
      },
    },
  }),
  ...[
    [{ ip: 'x' }],
    [{ ip: '1.2.3.4', ipMode: 'Odd' }],
    [{ hostname: 'A_b' }],
    [{ hostname: '1.2.3.4' }],
    [{ ip: '1.2.3.4', ports: [{ port: 0, protocol: 'X', error: 'a b' }] }],
    [{}],
  ].map((ingress) =>
    patch('merge', `${SERVICES}/balanced/status?dryRun=All`, { status: { loadBalancer: { ingress } } }),
  ),
  patch('merge', `${SERVICES}/cluster/status?dryRun=All`, {
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
  }),
  get(SERVICES, TABLE),
  // Allocated values are unavailable to others until they are released.
  post(SERVICES, service('fixed', { clusterIP: '10.0.0.50' })),
  post(SERVICES, service('same', { clusterIP: '10.0.0.50' })),
  post(SERVICES, service('port', { type: 'NodePort', ports: [{ port: 80, nodePort: 30077 }] })),
  post(SERVICES, service('port-too', { type: 'NodePort', ports: [{ port: 80, nodePort: 30077 }] })),
  post(
    SERVICES,
    service('twice', {
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30776, name: 'a' },
        { port: 81, nodePort: 30776, name: 'b' },
      ],
    }),
  ),
  post(
    SERVICES,
    service('both', {
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30775, name: 'a' },
        { port: 80, nodePort: 30775, name: 'b', protocol: 'UDP' },
      ],
    }),
  ),
  remove(`${SERVICES}/fixed`),
  remove(`${SERVICES}/port`),
  post(SERVICES, service('same', { clusterIP: '10.0.0.50' })),
  post(SERVICES, service('port-too', { type: 'NodePort', ports: [{ port: 80, nodePort: 30077 }] })),
  patch('merge', `${SERVICES}/same`, {
    spec: { type: 'ExternalName', externalName: 'a.b', clusterIP: null, clusterIPs: null },
  }),
  post(SERVICES, service('again', { clusterIP: '10.0.0.50' })),
  patch('merge', `${SERVICES}/again`, { spec: { clusterIP: '10.0.0.51', clusterIPs: ['10.0.0.51'] } }),
  get(`${N}/endpoints`),
  remove(`${SERVICES}?labelSelector=none`),
  remove(SERVICES),
  get(SERVICES),
];

export function volumesAndServices(): Session[] {
  return [
    { name: 'volumes through their life', steps: VOLUME_STEPS },
    { name: 'services through their life', steps: SERVICE_STEPS },
  ];
}
