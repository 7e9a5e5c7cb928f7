/**
 * Command lines of cluster administration: nodes, rollout history, certificates, debugging, descriptions of every kind.
 */

import type { Session, Step } from '../exchange.ts';
import { KUBECTL } from '../kubectl-runner.ts';
import { definitionOf, get, object, post, put, remove } from './steps.ts';

const k = (line: string, body?: unknown): Step => ({
  method: KUBECTL,
  path: `${line} --namespace $N`,
  ...(body !== undefined && { body }),
});

const NODE = '$N-node';
const pod = (name: string, more: object = {}, metadata: object = {}) => ({
  ...object('v1', 'Pod', name, {
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], ...more },
  }),
  metadata: { name, ...metadata },
});
const PODS = '/api/v1/namespaces/$N/pods';
const statusOf = (path: string, kept: string, status: object): Step =>
  put(`${path}/status`, {
    apiVersion: `$(${kept}.apiVersion)`,
    kind: `$(${kept}.kind)`,
    metadata: { name: `$(${kept}.metadata.name)` },
    status,
  });

const NODES: readonly Step[] = [
  {
    ...post(
      '/api/v1/nodes',
      object('v1', 'Node', NODE, {
        spec: { podCIDR: '10.9.0.0/24', taints: [{ key: 'a', value: 'b', effect: 'NoExecute' }] },
      }),
    ),
    keeps: 'node',
  },
  statusOf(`/api/v1/nodes/${NODE}`, 'node', {
    capacity: { cpu: '4', memory: '8Gi', pods: '110' },
    allocatable: { cpu: '3500m', memory: '7Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' }],
    addresses: [
      { type: 'InternalIP', address: '192.0.2.9' },
      { type: 'Hostname', address: 'n' },
    ],
    nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Any', kernelVersion: '6', architecture: 'amd64' },
  }),
  post(PODS, pod('alone', { nodeName: NODE })),
  post(
    PODS,
    pod(
      'owned',
      { nodeName: NODE },
      {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true },
        ],
      },
    ),
  ),
  post(PODS, pod('scratch', { nodeName: NODE, volumes: [{ name: 'a', emptyDir: {} }] })),
  k(`get node ${NODE}`),
  k(`get node ${NODE} -o wide`),
  k(`get node ${NODE} -o jsonpath={.spec.taints}`),
  k(`describe node ${NODE}`),
  k(`taint nodes ${NODE} x=y:NoSchedule`),
  k(`taint nodes ${NODE} x=z:NoSchedule`),
  k(`taint nodes ${NODE} x=z:NoSchedule --overwrite`),
  k(`taint nodes ${NODE} x:NoSchedule- a-`),
  k(`taint nodes ${NODE} bad`),
  k(`cordon ${NODE}`),
  k(`cordon ${NODE}`),
  k(`uncordon ${NODE} --dry-run=server`),
  k(`uncordon ${NODE}`),
  k(`label node ${NODE} node-role.kubernetes.io/worker= zone=a`),
  k('get nodes -l zone=a --show-labels'),
  k(`drain ${NODE} --dry-run=server`),
  k(`drain ${NODE} --dry-run=server --force --delete-emptydir-data`),
  k(`drain ${NODE} --force --disable-eviction --pod-selector=none=x`),
  k(`get pods --field-selector=spec.nodeName=${NODE} -o name`),
  k('top nodes'),
  k(`debug node/${NODE} --image=x --dry-run=server`),
  k('debug alone --image=x --copy-to=copy --container=c'),
  k('get pod copy -o jsonpath={.spec.containers[*].image}'),
  k('debug alone --image=busybox --container=dbg --profile=restricted --attach=false'),
  k('get pod alone -o jsonpath={.spec.ephemeralContainers[*].name}'),
  k('debug alone --image=busybox --container=dbg --attach=false'),
  remove(`${PODS}?gracePeriodSeconds=0`),
  remove(`/api/v1/nodes/${NODE}`),
];

const replicas = (revision: number) => ({
  ...object('apps/v1', 'ReplicaSet', `web-${revision}`),
  metadata: {
    name: `web-${revision}`,
    labels: { app: 'web', 'pod-template-hash': `${revision}` },
    annotations: { 'deployment.kubernetes.io/revision': `${revision}` },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'web',
        uid: '$(web.metadata.uid)',
        controller: true,
      },
    ],
  },
  spec: {
    replicas: revision - 1,
    selector: { matchLabels: { app: 'web', 'pod-template-hash': `${revision}` } },
    template: {
      metadata: { labels: { app: 'web', 'pod-template-hash': `${revision}` } },
      spec: { containers: [{ name: 'c', image: `x:${revision}` }] },
    },
  },
});
const HISTORY: readonly Step[] = [
  k('create deployment web --image=x:2 --replicas=1'),
  { ...get('/apis/apps/v1/namespaces/$N/deployments/web'), keeps: 'web' },
  ...[1, 2].map((revision) => post('/apis/apps/v1/namespaces/$N/replicasets', replicas(revision))),
  k('annotate deployment web deployment.kubernetes.io/revision=2'),
  k('rollout history deployment/web'),
  k('rollout history deployment/web --revision=1'),
  k('rollout history deployment/web --revision=9'),
  k('rollout history deployment/web -o json'),
  k('describe deployment web'),
  k('rollout undo deployment/web --dry-run=server'),
  k('rollout undo deployment/web --to-revision=1'),
  k('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}'),
  k('rollout undo deployment/web --to-revision=7'),
  k('set volume deployment/web'),
  k('set env deployment/web --from=configmap/none'),
  k('set image deployment/web *=y --dry-run=server -o yaml'),
  k('autoscale deployment web --max=3 --min=2 --cpu-percent=80'),
  k('autoscale deployment web --max=1'),
  k('get hpa web -o yaml'),
  k('describe hpa web'),
  k('wait deployment/web --for=jsonpath={.spec.replicas}=1 --timeout=1s'),
  k('wait deployment/web --for=jsonpath={.spec.replicas}=9 --timeout=1s'),
  k('create rolebinding rb --clusterrole=view --user=u'),
  k('set subject rolebinding rb --user=a --group=g'),
  k('get rolebinding rb -o wide'),
  k('auth can-i get pods --subresource=log --as=a'),
  k('auth can-i create pods --as=a'),
  k('auth can-i --list --as=a'),
  k("auth can-i '*' '*'"),
  k('get deployments,rs --sort-by=.metadata.name -o name'),
  k('get deployments -o custom-columns=N:.metadata.name,I:.spec.template.spec.containers[*].image'),
  k('delete deployment web --dry-run=client'),
  k('delete deployments,hpa --all'),
];

/** A certificate request for `/CN=jane/O=dev`, P-256. */
const REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1IOENBUUF3SFRFTk1Bc0dBMVVFQXd3RWFtRnVaVEVNTUFvR0ExVUVDZ3dEWkdWMk1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVCNHpjRm9aZmIvRC9CRXRRdzdhbW05cytpSHBxTlQ0YWYwQ3YxMVRWClNSSjkwMTUvTXBiaTVGOWhhZEFmMnQ1V3BKWHA4VjlkRFo3ZDJQcXpKNTZmOXFBQU1Bb0dDQ3FHU000OUJBTUMKQTBnQU1FVUNJRWpDTW1FRG51eVdtTE93aWQ2SmkrUWlvd3dGV3huQWNUWXQveDJZZ01LQ0FpRUF4aVIwOFVhVwowTkx4YlpTNFp5ZTA0MHN4VjZVVnk5Ym1kQkh4d0MzZ0FiND0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==';
const CERTIFICATES: readonly Step[] = [
  k(
    'create -f -',
    object('certificates.k8s.io/v1', 'CertificateSigningRequest', '$N-csr', {
      spec: {
        request: REQUEST,
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        expirationSeconds: 3600,
      },
    }),
  ),
  k('get csr $N-csr'),
  k('describe csr $N-csr'),
  k('certificate approve $N-csr'),
  k('get csr $N-csr'),
  k('certificate approve $N-csr'),
  k('certificate deny $N-csr'),
  k('describe csr $N-csr'),
  k('get csr $N-csr -o jsonpath={.status.conditions[*].type}'),
  k('delete csr $N-csr'),
  k('create serviceaccount bot'),
  k('create token bot --audience=a --duration=10m -o yaml'),
  k('create token bot --bound-object-kind=Secret --bound-object-name=none'),
  k('create token bot --bound-object-kind=Other --bound-object-name=none'),
];

const DESCRIBED: readonly object[] = [
  object('v1', 'PersistentVolumeClaim', 'a', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  object('v1', 'LimitRange', 'a', {
    spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '2' } }] },
  }),
  object('v1', 'Endpoints', 'a', {
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80, name: 'http' }] }],
  }),
  object('discovery.k8s.io/v1', 'EndpointSlice', 'a', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
    ports: [{ port: 80, name: 'http' }],
  }),
  object('networking.k8s.io/v1', 'NetworkPolicy', 'a', {
    spec: {
      podSelector: { matchLabels: { a: 'b' } },
      ingress: [
        { from: [{ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.1/32'] } }], ports: [{ port: 80 }] },
      ],
      egress: [{}],
    },
  }),
  object('batch/v1', 'CronJob', 'a', {
    spec: {
      schedule: '*/5 * * * *',
      timeZone: 'Etc/UTC',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
      },
    },
  }),
  object('apps/v1', 'StatefulSet', 'a', {
    spec: {
      serviceName: 'a',
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'v' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  }),
  pod('a', {
    nodeSelector: { a: 'b' },
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
    initContainers: [{ name: 'i', image: 'i', command: ['sh'] }],
    containers: [
      {
        name: 'c',
        image: 'i',
        args: ['-v'],
        ports: [{ containerPort: 80, name: 'http' }],
        env: [
          { name: 'A', value: 'b' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
        ],
        envFrom: [{ configMapRef: { name: 'm' } }],
        resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } },
        livenessProbe: { httpGet: { path: '/a', port: 'http' } },
        readinessProbe: { exec: { command: ['true'] } },
        volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
      },
    ],
    volumes: [{ name: 'v', configMap: { name: 'm', optional: true } }],
  }),
  object('v1', 'Event', 'a', {
    involvedObject: { kind: 'Pod', name: 'a', namespace: '$N', apiVersion: 'v1' },
    type: 'Warning',
    reason: 'Broken',
    message: 'it is broken',
    count: 3,
    source: { component: 'me', host: 'here' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-02T00:00:00Z',
  }),
];
const kindOf = (one: object): string => (one as { kind: string }).kind.toLowerCase();
const DESCRIBE: readonly Step[] = [
  ...DESCRIBED.map((one) => k('create -f -', one)),
  ...DESCRIBED.flatMap((one) => [
    k(`describe ${kindOf(one)} a`),
    k(`get ${kindOf(one)} a`),
    k(`get ${kindOf(one)} -o wide`),
  ]),
  k('events'),
  k('events --for=pod/a --types=Warning'),
  k('events -o json --types=Normal'),
  k('get events --field-selector=reason=Broken -o custom-columns=R:.reason,C:.count'),
  k('describe pods,events'),
  k('get pods a -o jsonpath={range.spec.containers[*]}{.name}{end}'),
  k('get pvc,limits,ep,netpol,cj,sts -o name'),
  k('logs a -c none'),
  k('logs a --all-containers --previous'),
  k('exec a -c c -- true'),
  k('cp a:/x /tmp/none -c c'),
  k('replace -f - --save-config', pod('a', {}, { labels: { c: 'd' } })),
  k('replace --force --grace-period=0 -f -', pod('a', {}, { labels: { a: 'b' } })),
  k('get pod a --show-labels'),
  k('api-resources --api-group=networking.k8s.io -o wide'),
  k('api-resources --namespaced=false --verbs=deletecollection -o name'),
  k('get --raw /api/v1/namespaces/$N/pods?limit=1&fieldSelector=metadata.name=none'),
  k('get pods --watch --output-watch-events --request-timeout=1s -o name'),
  k('get all,ingress -o wide'),
];

const GROUP = '$N.example.com';
const DEFINED: readonly Step[] = [
  k(
    'create -f -',
    definitionOf(
      GROUP,
      'gadget',
      {
        type: 'object',
        description: 'What turns.',
        properties: {
          spec: {
            type: 'object',
            required: ['size'],
            properties: {
              size: { type: 'integer', description: 'How large it is.' },
              colour: { type: 'string', enum: ['red', 'blue'], default: 'red' },
            },
          },
          status: { type: 'object', properties: { ready: { type: 'boolean' } } },
        },
      },
      {
        version: {
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Colour', type: 'string', jsonPath: '.spec.colour', priority: 1 },
          ],
        },
      },
    ),
  ),
  { method: 'GET', path: `/apis/${GROUP}/v1/namespaces/$N/gadgets`, until: 200 },
  k(`wait crd/gadgets.${GROUP} --for=condition=Established --timeout=5s`),
  k(`get crd gadgets.${GROUP} -o jsonpath={.spec.names.plural}`),
  k(`api-resources --api-group=${GROUP}`),
  k(`create -f -`, object(`${GROUP}/v1`, 'Gadget', 'a', { spec: { size: 1 } })),
  k(`create -f - --validate=strict`, object(`${GROUP}/v1`, 'Gadget', 'b', { spec: { size: 1, odd: 1 } })),
  k(`create -f - --validate=false`, object(`${GROUP}/v1`, 'Gadget', 'b', { spec: { size: 'x' } })),
  k(`apply --server-side -f -`, object(`${GROUP}/v1`, 'Gadget', 'a', { spec: { size: 2, colour: 'blue' } })),
  k(`apply -f -`, object(`${GROUP}/v1`, 'Gadget', 'a', { spec: { size: 3 } })),
  k(`get gadgets.${GROUP}`),
  k(`get gadgets.${GROUP} -o wide`),
  k(`get gadget.v1.${GROUP} a -o yaml`),
  k(`describe gadget.${GROUP} a`),
  k(`patch gadget.${GROUP} a --type=merge -p {"spec":{"size":4}}`),
  k(`patch gadget.${GROUP} a --subresource=status --type=merge -p {"status":{"ready":true}}`),
  k(`patch gadget.${GROUP} a -p {"spec":{"size":4}}`),
  k(`scale gadget.${GROUP}/a --replicas=2`),
  k(`wait gadget.${GROUP}/a --for=jsonpath={.status.ready}=true --timeout=2s`),
  k(`label gadget.${GROUP} a b=c`),
  k(`get gadgets.${GROUP} -l b=c --sort-by=.spec.size -o name`),
  k(`delete gadget.${GROUP} a`),
  k(`delete crd gadgets.${GROUP} --wait=false`),
];

export const kubectlCluster = (): Session[] => [
  { name: 'kubectl and nodes', steps: NODES },
  { name: 'kubectl and history', steps: HISTORY },
  { name: 'kubectl and certificates', steps: CERTIFICATES },
  { name: 'kubectl describes', steps: DESCRIBE },
  { name: 'kubectl and definitions', steps: DEFINED },
];
