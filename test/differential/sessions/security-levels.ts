/** Each check of Pod Security at each level: enforced, as warnings, and for workloads. */

import type { Session, Step } from '../exchange.ts';
import { object, patch, post } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const PODS = `${N}/pods?dryRun=All`;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/$N/deployments?dryRun=All';

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
/** Security contexts of the pod and of its only container. */
const VARIANTS: readonly (readonly [spec: object, context: object | null, container?: object])[] = [
  [{}, null],
  [{}, RESTRICTED],
  [{}, {}],
  [
    { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } },
    { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  ],
  [{ securityContext: { runAsNonRoot: true } }, { ...RESTRICTED, runAsNonRoot: false }],
  [{ securityContext: { runAsUser: 0 } }, RESTRICTED],
  [{ securityContext: { runAsUser: 5 } }, { ...RESTRICTED, runAsUser: 0 }],
  [{}, { ...RESTRICTED, seccompProfile: { type: 'Unconfined' } }],
  [{ securityContext: { seccompProfile: { type: 'Unconfined' } } }, RESTRICTED],
  [{}, { ...RESTRICTED, seccompProfile: { type: 'Localhost', localhostProfile: 'x' } }],
  [{}, { ...RESTRICTED, capabilities: { drop: ['NET_RAW'] } }],
  [{}, { ...RESTRICTED, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }],
  [{}, { ...RESTRICTED, capabilities: { drop: ['ALL'], add: ['CHOWN', 'NET_ADMIN', 'SYS_TIME'] } }],
  [{}, { ...RESTRICTED, capabilities: { add: ['CHOWN', 'KILL'] } }],
  [{}, { ...RESTRICTED, allowPrivilegeEscalation: true }],
  [{}, { privileged: true }],
  [{}, { procMount: 'Unmasked' }],
  [{ hostUsers: false }, { procMount: 'Unmasked' }],
  [{}, { procMount: 'Odd' }],
  [{}, { seLinuxOptions: { type: 'container_t' } }],
  [{}, { seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r' } }],
  [{ securityContext: { seLinuxOptions: { type: 'container_init_t', level: 's0' } } }, null],
  [{ securityContext: { seLinuxOptions: { role: 'r' } } }, { seLinuxOptions: { user: 'u' } }],
  [{}, { appArmorProfile: { type: 'Unconfined' } }],
  [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, null],
  [{}, { appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } }],
  [{}, { windowsOptions: { hostProcess: true } }],
  [
    { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true }, runAsNonRoot: true } },
    null,
  ],
  [{ os: { name: 'windows' } }, null],
  [{ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }, null],
  [{ os: { name: 'linux' } }, RESTRICTED],
  [{ hostNetwork: true }, RESTRICTED],
  [{ hostPID: true, hostIPC: true }, RESTRICTED],
  [{ hostUsers: false }, null],
  [
    { hostUsers: false, securityContext: { runAsUser: 0 } },
    { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  ],
  [
    {},
    RESTRICTED,
    {
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 81 },
      ],
    },
  ],
  [{}, RESTRICTED, { ports: [{ containerPort: 80, hostPort: 0 }] }],
  [{}, RESTRICTED, { livenessProbe: { httpGet: { port: 80, host: '1.2.3.4' } } }],
  [
    {},
    RESTRICTED,
    {
      livenessProbe: { tcpSocket: { port: 80, host: 'localhost' } },
      lifecycle: { preStop: { httpGet: { port: 1, host: 'a.b' } } },
    },
  ],
  [{ volumes: [{ name: 'h', hostPath: { path: '/' } }] }, RESTRICTED],
  [
    {
      volumes: [
        { name: 'n', nfs: { server: 'a', path: '/' } },
        { name: 'i', iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:x', lun: 1 } },
      ],
    },
    RESTRICTED,
  ],
  [
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'x' } },
        { name: 'c', csi: { driver: 'd' } },
        {
          name: 'e',
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
            },
          },
        },
        { name: 'p', persistentVolumeClaim: { claimName: 'x' } },
        { name: 'q', image: { reference: 'x' } },
      ],
    },
    RESTRICTED,
  ],
  [{ volumes: [{ name: 'g', gitRepo: { repository: 'x' } }] }, RESTRICTED],
  [
    {
      volumes: [
        { name: 'f', flexVolume: { driver: 'a/b' } },
        { name: 'l', glusterfs: { endpoints: 'a', path: 'b' } },
        { name: 'r', rbd: { monitors: ['a'], image: 'x' } },
        { name: 'e', awsElasticBlockStore: { volumeID: 'a' } },
      ],
    },
    RESTRICTED,
  ],
  [
    {
      securityContext: {
        sysctls: [
          { name: 'kernel.shm_rmid_forced', value: '1' },
          { name: 'net.ipv4.tcp_rmem', value: '1' },
          { name: 'kernel.msgmax', value: '1' },
        ],
      },
    },
    RESTRICTED,
  ],
  [{ securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } }, null],
  [
    {
      initContainers: [
        { name: 'i', image: 'x' },
        { name: 'j', image: 'x', securityContext: { privileged: true } },
      ],
    },
    RESTRICTED,
  ],
  [
    { initContainers: [{ name: 'i', image: 'x', securityContext: RESTRICTED, restartPolicy: 'Always' }] },
    RESTRICTED,
  ],
  [{ runtimeClassName: 'none' }, RESTRICTED],
  [{ securityContext: { supplementalGroups: [0], fsGroup: 0, runAsGroup: 0 } }, RESTRICTED],
];

const specOf = ([spec, context, container = {}]: (typeof VARIANTS)[number]) => ({
  containers: [{ name: 'c', image: 'x', ...(context && { securityContext: context }), ...container }],
  ...spec,
});
const pod = (variant: (typeof VARIANTS)[number], metadata: object = {}) => ({
  ...object('v1', 'Pod', 'p', { spec: specOf(variant) }),
  metadata: { name: 'p', ...metadata },
});
const deployment = (variant: (typeof VARIANTS)[number]) =>
  object('apps/v1', 'Deployment', 'd', {
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: specOf(variant) },
    },
  });
const labelled = (labels: Record<string, string | null>) =>
  patch('merge', N, {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(labels).map(([mode, level]) => [`pod-security.kubernetes.io/${mode}`, level]),
      ),
    },
  });
const gone = { enforce: null, warn: null, audit: null, 'enforce-version': null, 'warn-version': null };

const ANNOTATED: readonly object[] = [
  { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
  { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default' } },
  { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } },
  { annotations: { 'container.seccomp.security.alpha.kubernetes.io/c': 'docker/default' } },
];

export function securityLevels(): Session[] {
  const all = (make: (variant: (typeof VARIANTS)[number]) => Step) => VARIANTS.map(make);
  return [
    ...['baseline', 'restricted'].map(
      (level): Session => ({
        name: `security enforced: ${level}`,
        steps: [
          labelled({ enforce: level }),
          ...all((variant) => post(PODS, pod(variant))),
          ...ANNOTATED.map((metadata) => post(PODS, pod([{}, RESTRICTED], metadata))),
        ],
      }),
    ),
    {
      name: 'security warned of',
      steps: [
        labelled({ warn: 'restricted', audit: 'baseline' }),
        ...all((variant) => post(PODS, pod(variant))),
        ...all((variant) => post(DEPLOYMENTS, deployment(variant))),
      ],
    },
    {
      name: 'security of old versions',
      steps: [
        'v1.0',
        'v1.8',
        'v1.18',
        'v1.19',
        'v1.22',
        'v1.24',
        'v1.25',
        'v1.27',
        'v1.29',
        'v1.32',
        'v1.34',
        'v1.99',
      ].flatMap((version) => [
        {
          ...labelled({
            enforce: 'baseline',
            'enforce-version': version,
            warn: 'restricted',
            'warn-version': version,
          }),
          settles: N,
        },
        ...all((variant) => post(PODS, pod(variant))).slice(10, 48),
      ]),
    },
    {
      name: 'security of namespaces',
      steps: [
        ...[
          { enforce: 'odd' },
          { enforce: '' },
          { enforce: 'baseline', 'enforce-version': 'x' },
          { 'enforce-version': 'v1.2.3' },
          { warn: 'Baseline' },
          { audit: 'baseline', 'audit-version': 'latest' },
          { 'warn-version': 'v2.1' },
        ].flatMap((labels) => [
          labelled(labels),
          labelled(Object.fromEntries(Object.keys(labels).map((key) => [key, null]))),
        ]),
        post('/api/v1/namespaces?dryRun=All', {
          ...object('v1', 'Namespace', 'x'),
          metadata: { name: 'x', labels: { 'pod-security.kubernetes.io/enforce': 'odd' } },
        }),
        post(`${N}/pods`, { ...pod([{ hostNetwork: true }, null]), metadata: { name: 'host' } }),
        post(`${N}/pods`, { ...pod([{}, { privileged: true }]), metadata: { name: 'strong' } }),
        post(`${N}/pods`, { ...pod([{}, RESTRICTED]), metadata: { name: 'weak' } }),
        labelled({ enforce: 'baseline' }),
        labelled({ enforce: 'restricted' }),
        patch('merge', `${N}/pods/host`, { metadata: { labels: { a: 'b' } } }),
        patch('strategic', `${N}/pods/host`, { spec: { containers: [{ name: 'c', image: 'y' }] } }),
        patch('strategic', `${N}/pods/weak/ephemeralcontainers`, {
          spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] },
        }),
        patch('strategic', `${N}/pods/weak/ephemeralcontainers`, {
          spec: { ephemeralContainers: [{ name: 'e', image: 'x', securityContext: RESTRICTED }] },
        }),
        patch('strategic', `${N}/pods/weak/resize`, {
          spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
        }),
        labelled(gone),
      ],
    },
  ];
}
