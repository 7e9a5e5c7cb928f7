import { limitRanger } from '../../../shared/admission/plugins/limit-ranger.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const container = (name: string, resources?: object) => ({
  name,
  image: 'a',
  imagePullPolicy: 'Always',
  resources,
});
const pod = (containers: object[], initContainers: object[] = [], metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', ...metadata },
  spec: { containers, initContainers },
});
const range = (...limits: object[]) => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'r', namespace: 'ns' },
  spec: { limits },
});
const ofContainers = (limit: object) => [range({ type: 'Container', ...limit })];
const ofPods = (limit: object) => [range({ type: 'Pod', ...limit })];
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);

const cpu = (request?: string, limit?: string) => ({
  ...(request && { requests: { cpu: request } }),
  ...(limit && { limits: { cpu: limit } }),
});
const one = (request?: string, limit?: string) => pod([container('a', cpu(request, limit))]);

/** Fields added by defaulting. */
const base = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

const claim = (storage?: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'ns' },
  spec: { resources: storage && { requests: { storage } } },
});
const ofClaims = [range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '4Gi' } })];
const forbiddenClaim = (why: string) =>
  refused(`403 Forbidden: persistentvolumeclaims "c" is forbidden: ${why}`);

describePlugin(limitRanger, {
  'no range': [{ object: one() }, PASSED],
  'a range of another namespace': [
    {
      object: one(),
      cluster: [
        { ...range({ type: 'Container', min: { cpu: '1' } }), metadata: { name: 'r', namespace: 'other' } },
      ],
    },
    PASSED,
  ],
  'defaults of requests and limits': [
    {
      object: pod(
        [container('a'), container('b', { requests: { cpu: '2' }, limits: { cpu: '2', memory: '1Gi' } })],
        [container('i')],
      ),
      cluster: ofContainers({
        default: { cpu: '3', memory: '2Gi' },
        defaultRequest: { memory: '1Gi', cpu: '100m' },
      }),
    },
    {
      changes: {
        'metadata.annotations': {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; cpu, memory request for init container i; cpu, memory limit for init container i',
        },
        'spec.containers': [
          {
            ...container('a'),
            ...base,
            resources: {
              requests: { cpu: '100m', memory: '1Gi' },
              limits: { cpu: '3', memory: '2Gi' },
            },
          },
          {
            ...container('b'),
            ...base,
            resources: {
              requests: { cpu: '2', memory: '1Gi' },
              limits: { cpu: '2', memory: '1Gi' },
            },
          },
        ],
        'spec.initContainers': [
          {
            ...container('i'),
            ...base,
            resources: {
              requests: { cpu: '100m', memory: '1Gi' },
              limits: { cpu: '3', memory: '2Gi' },
            },
          },
        ],
      },
    },
  ],
  'a request below the minimum': [
    { object: one('50m', '1'), cluster: ofContainers({ min: { cpu: '100m' } }) },
    forbiddenPod('minimum cpu usage per Container is 100m, but request is 50m'),
  ],
  'a limit below the minimum': [
    { object: one('100m', '50m'), cluster: ofContainers({ min: { cpu: '100m' } }) },
    forbiddenPod('minimum cpu usage per Container is 100m, but limit is 50m'),
  ],
  'no request although there is a minimum': [
    { object: one(), cluster: ofPods({ min: { cpu: '100m' } }) },
    forbiddenPod('minimum cpu usage per Pod is 100m.  No request is specified'),
  ],
  'a request above the maximum': [
    { object: one('3', '2'), cluster: ofContainers({ max: { cpu: '2' } }) },
    forbiddenPod('maximum cpu usage per Container is 2, but request is 3'),
  ],
  'a limit above the maximum': [
    { object: one('1', '3'), cluster: ofContainers({ max: { cpu: '2' } }) },
    forbiddenPod('maximum cpu usage per Container is 2, but limit is 3'),
  ],
  'no limit although there is a maximum': [
    { object: one('1'), cluster: ofPods({ max: { cpu: '2' } }) },
    forbiddenPod('maximum cpu usage per Pod is 2.  No limit is specified'),
  ],
  'a too large ratio of limit to request': [
    { object: one('1', '3'), cluster: ofContainers({ maxLimitRequestRatio: { cpu: '2500m' } }) },
    forbiddenPod('cpu max limit to request ratio per Container is 2500m, but provided ratio is 3.000000'),
  ],
  'a ratio without request': [
    { object: one('0', '3'), cluster: ofContainers({ maxLimitRequestRatio: { cpu: '2' } }) },
    forbiddenPod(
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ),
  ],
  'a ratio without limit': [
    { object: one('1'), cluster: ofContainers({ maxLimitRequestRatio: { cpu: '2' } }) },
    forbiddenPod(
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ),
  ],
  'all violations, each once': [
    {
      object: pod([container('a', cpu('50m', '3')), container('b', cpu('50m', '3'))]),
      cluster: ofContainers({ min: { cpu: '100m' }, max: { cpu: '2' } }),
    },
    forbiddenPod(
      '[minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 2, but limit is 3]',
    ),
  ],
  'a pod within all ranges': [
    {
      object: pod([container('a', cpu('600m', '1')), container('b', cpu('600m', '1'))]),
      cluster: ofPods({ max: { cpu: '1' } }),
    },
    forbiddenPod('maximum cpu usage per Pod is 1, but limit is 2'),
  ],
  'a pod with a large init container': [
    {
      object: pod([container('a', cpu('600m', '1'))], [container('i', cpu('3', '3'))]),
      cluster: ofPods({ max: { cpu: '2' } }),
    },
    forbiddenPod('maximum cpu usage per Pod is 2, but limit is 3'),
  ],
  'an update of a pod': [
    { object: one(), oldObject: one(), cluster: ofContainers({ min: { cpu: '1' } }) },
    PASSED,
  ],
  'a resize': [
    {
      object: one('3', '3'),
      oldObject: one('1', '1'),
      subresource: 'resize',
      cluster: ofContainers({ max: { cpu: '2' } }),
    },
    forbiddenPod('maximum cpu usage per Container is 2, but limit is 3'),
  ],
  'a resize of a pod being deleted': [
    {
      object: one('3', '3'),
      oldObject: pod([container('a', cpu('1', '1'))], [], { deletionTimestamp: '2020-01-01T00:00:00Z' }),
      subresource: 'resize',
      cluster: ofContainers({ max: { cpu: '2' } }),
    },
    PASSED,
  ],
  'more defaults than a pod may hold': [
    {
      object: pod(Array.from({ length: 500 }, (_, i) => container(`c${i}`))),
      cluster: ofContainers({
        default: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`a.b/r${i}`, '1'])),
      }),
    },
    refused(
      "413 RequestEntityTooLarge: Request entity too large: with its namespace's defaults the pod takes more than 1572864 bytes",
    ),
  ],
  'a thousand violations are reported': [
    {
      object: pod(Array.from({ length: 500 }, (_, i) => container(`c${i}`))),
      cluster: ofContainers({
        maxLimitRequestRatio: Object.fromEntries(
          Array.from({ length: 5_000 }, (_, i) => [`a.b/r${String(i).padStart(4, '0')}`, '1']),
        ),
      }),
    },
    forbiddenPod(
      `[${Array.from({ length: 1_000 }, (_, i) => `a.b/r${String(i).padStart(4, '0')} max limit to request ratio per Container is 1, but no request is specified or request is 0`).join(', ')}]`,
    ),
  ],
  'a claim within bounds': [{ object: claim('2Gi'), cluster: ofClaims }, PASSED],
  'a too small claim': [
    { object: claim('1'), cluster: ofClaims },
    forbiddenClaim('minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1'),
  ],
  'a claim expanded too far': [
    { object: claim('5Gi'), oldObject: claim('2Gi'), cluster: ofClaims },
    forbiddenClaim('maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 5Gi'),
  ],
  'a claim without requests': [
    { object: claim(), cluster: ofClaims },
    forbiddenClaim(
      '[minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified, maximum storage usage per PersistentVolumeClaim is 4Gi.  No request is specified]',
    ),
  ],
});
