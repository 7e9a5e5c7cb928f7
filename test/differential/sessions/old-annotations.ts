/** Annotations that were formerly fields, on pods and on pod templates. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, TABLE } from './steps.ts';

const NAMESPACE = '/api/v1/namespaces/$N';
const APPS = '/apis/apps/v1/namespaces/$N';
const BATCH = '/apis/batch/v1/namespaces/$N';

const ANNOTATIONS = {
  'pod.beta.kubernetes.io/init-containers': '[{"name":"i","image":"x"}]',
  'pod.alpha.kubernetes.io/init-containers': '[{"name":"i","image":"x"}]',
  'pod.beta.kubernetes.io/init-container-statuses': '[]',
  'pod.alpha.kubernetes.io/init-container-statuses': 'x',
  'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
  'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined',
  'container.apparmor.security.beta.kubernetes.io/c': 'localhost/x',
  'scheduler.alpha.kubernetes.io/critical-pod': '',
  'scheduler.alpha.kubernetes.io/tolerations': '[]',
  'scheduler.alpha.kubernetes.io/affinity': '{}',
  'security.alpha.kubernetes.io/sysctls': 'a=b',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'a=b',
  'pod.beta.kubernetes.io/hostname': 'h',
  'pod.beta.kubernetes.io/subdomain': 's',
  'deprecated.daemonset.template.generation': '7',
  'deprecated.deployment.rollback.to': '1',
  'deployment.kubernetes.io/revision': '2',
  'service.alpha.kubernetes.io/tolerate-unready-endpoints': 'true',
  'volume.beta.kubernetes.io/storage-class': 'c',
  'volume.beta.kubernetes.io/mount-options': 'ro',
  'storageclass.beta.kubernetes.io/is-default-class': 'true',
  'kubernetes.io/ingress.class': 'c',
  'node.alpha.kubernetes.io/ttl': '0',
  'batch.kubernetes.io/cronjob-scheduled-timestamp': 'x',
  'kubernetes.io/config.mirror': 'x',
  'controller.kubernetes.io/pod-deletion-cost': 'x',
};

const containers = [{ name: 'c', image: 'x' }];
const template = (annotations: object) => ({
  metadata: { labels: { a: 'b' }, annotations },
  spec: { containers, restartPolicy: 'Always' },
});
const jobTemplate = (annotations: object) => ({
  metadata: { annotations },
  spec: { containers, restartPolicy: 'Never' },
});
const selector = { matchLabels: { a: 'b' } };

/** Each kind with all annotations, and whether its template has them too. */
const KINDS: readonly (readonly [path: string, of: (annotations: object) => object])[] = [
  [`${NAMESPACE}/pods`, () => object('v1', 'Pod', 'o', { spec: { containers } })],
  [`${NAMESPACE}/podtemplates`, (all) => object('v1', 'PodTemplate', 'o', { template: template(all) })],
  [
    `${NAMESPACE}/replicationcontrollers`,
    (all) =>
      object('v1', 'ReplicationController', 'o', { spec: { selector: { a: 'b' }, template: template(all) } }),
  ],
  ...['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].map(
    (kind) =>
      [
        `${APPS}/${kind.toLowerCase()}s`,
        (all: object) => object('apps/v1', kind, 'o', { spec: { selector, template: template(all) } }),
      ] as const,
  ),
  [`${BATCH}/jobs`, (all) => object('batch/v1', 'Job', 'o', { spec: { template: jobTemplate(all) } })],
  [
    `${BATCH}/cronjobs`,
    (all) =>
      object('batch/v1', 'CronJob', 'o', {
        spec: {
          schedule: '0 0 * * *',
          jobTemplate: { metadata: { annotations: all }, spec: { template: jobTemplate(all) } },
        },
      }),
  ],
  [`${NAMESPACE}/services`, () => object('v1', 'Service', 'o', { spec: { ports: [{ port: 80 }] } })],
  [
    `${NAMESPACE}/persistentvolumeclaims`,
    () =>
      object('v1', 'PersistentVolumeClaim', 'o', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/$N/ingresses',
    () =>
      object('networking.k8s.io/v1', 'Ingress', 'o', {
        spec: { defaultBackend: { service: { name: 's', port: { number: 1 } } } },
      }),
  ],
];

function stepsOf(path: string, of: (annotations: object) => object): Step[] {
  const plain = of({});
  const withAll = { ...of(ANNOTATIONS), metadata: { name: 'o', annotations: ANNOTATIONS } };
  const one = `${path}/o`;
  return [
    ...Object.entries(ANNOTATIONS).map(([name, value]) =>
      post(`${path}?dryRun=All`, {
        ...of({ [name]: value }),
        metadata: { name: 'o', annotations: { [name]: value } },
      }),
    ),
    post(path, withAll),
    get(one),
    get(path, TABLE),
    put(one, plain),
    put(one, withAll),
    patch('merge', one, { metadata: { annotations: ANNOTATIONS } }),
    patch('strategic', one, {
      metadata: { annotations: Object.fromEntries(Object.keys(ANNOTATIONS).map((name) => [name, null])) },
    }),
    patch('apply', `${one}?fieldManager=f&force=true`, withAll),
    patch('apply', `${path}/p?fieldManager=f`, {
      ...withAll,
      metadata: { name: 'p', annotations: ANNOTATIONS },
    }),
  ];
}

export const oldAnnotations = (): Session[] =>
  KINDS.map(([path, of]) => ({
    name: `old annotations: ${path.split('/').at(-1)}`,
    steps: stepsOf(path, of),
  }));
