import { describe, expect, test } from 'vitest';
import { podSecurityPolicy } from '../../../shared/admission/plugins/pod-security-policy.ts';
import { type AdmissionCase, type AdmissionOutcome, PASSED, runPlugin } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';
import type { Manifest } from '../../fixtures/internal-object.ts';

type Annotations = Readonly<Record<string, string>>;

/** A strict policy with changes. */
const policy = (spec: object = {}, name = 'a', annotations: Annotations = {}): Manifest => ({
  apiVersion: 'policy/v1beta1',
  kind: 'PodSecurityPolicy',
  metadata: { name, annotations },
  spec: {
    seLinux: { rule: 'RunAsAny' },
    runAsUser: { rule: 'RunAsAny' },
    fsGroup: { rule: 'RunAsAny' },
    supplementalGroups: { rule: 'RunAsAny' },
    ...spec,
  },
});
const annotated = (annotations: Annotations): Manifest => policy({}, 'a', annotations);

const pod = (spec: object = {}, metadata: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', ...metadata },
  spec: { containers: [{ name: 'c', image: 'c:1' }], ...spec },
});
/** A pod whose container has these fields. */
const container = (fields: object): Manifest => pod({ containers: [{ name: 'c', image: 'c:1', ...fields }] });
const secured = (securityContext: object): Manifest => container({ securityContext });
const podSecured = (securityContext: object): Manifest => pod({ securityContext });

const AUDIT = 'podsecuritypolicy.policy.k8s.io';
const admitted = (name = 'a') => ({ [`${AUDIT}/admit-policy`]: name, [`${AUDIT}/validate-policy`]: name });
const LABEL = 'metadata.annotations.kubernetes.io/psp';

/** Admitted unchanged, except for the annotation. */
const allowed = (changes: object = {}, name = 'a'): AdmissionOutcome => ({
  changes: { 'metadata.annotations': { 'kubernetes.io/psp': name }, ...changes },
  annotations: admitted(name),
});
const unable = (...errors: string[]): AdmissionOutcome => ({
  changes: {},
  refused: `403 Forbidden: pods "p" is forbidden: PodSecurityPolicy: unable to admit pod: [${errors.join(' ')}]`,
});
const CONTAINER = 'spec.containers[0]';
const CONTEXT = `${CONTAINER}.securityContext`;

/** Rows: a policy, a pod, and the outcome. */
type Row = readonly [name: string, policy: Manifest, pod: Manifest, outcome: AdmissionOutcome];

const judge = (rows: readonly Row[]): void => {
  test.each(rows)('%s', async (_, one, object, outcome) => {
    expect(await runPlugin(podSecurityPolicy, { cluster: [one], object })).toEqual(outcome);
  });
};

/** The expected container. */
const given = (securityContext: object, more: object = {}) => ({
  'spec.containers': [expect.objectContaining({ name: 'c', ...more, securityContext })],
});

describe('privileged, host, ports', () => {
  const shares = (field: string, what: string) =>
    unable(`spec.securityContext.${field}: Invalid value: true: Host ${what} is not allowed to be used`);
  const port = (hostPort: number) => container({ ports: [{ containerPort: hostPort, hostPort }] });
  judge([
    ['nothing asked', policy(), pod(), allowed()],
    [
      'privileged',
      policy(),
      secured({ privileged: true }),
      unable(`${CONTEXT}.privileged: Invalid value: true: Privileged containers are not allowed`),
    ],
    ['privileged, allowed', policy({ privileged: true }), secured({ privileged: true }), allowed()],
    ['explicitly unprivileged', policy(), secured({ privileged: false }), allowed()],
    [
      'a privileged init container',
      policy(),
      pod({ initContainers: [{ name: 'i', image: 'i', securityContext: { privileged: true } }] }),
      unable(
        'spec.initContainers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed',
      ),
    ],
    ['host network', policy(), pod({ hostNetwork: true }), shares('hostNetwork', 'network')],
    ['host PID', policy(), pod({ hostPID: true }), shares('hostPID', 'PID')],
    ['host IPC', policy(), pod({ hostIPC: true }), shares('hostIPC', 'IPC')],
    [
      'all of the host, allowed',
      policy({ hostNetwork: true, hostPID: true, hostIPC: true }),
      pod({ hostNetwork: true, hostPID: true, hostIPC: true }),
      allowed(),
    ],
    [
      'a port where none is allowed',
      policy(),
      port(1),
      unable(
        `${CONTAINER}.hostPort: Invalid value: 1: Host port 1 is not allowed to be used. Allowed ports: []`,
      ),
    ],
    [
      'a port outside the ranges',
      policy({
        hostPorts: [
          { min: 1, max: 1 },
          { min: 5, max: 9 },
        ],
      }),
      port(4),
      unable(
        `${CONTAINER}.hostPort: Invalid value: 4: Host port 4 is not allowed to be used. Allowed ports: [1,5-9]`,
      ),
    ],
    ['a port in a range', policy({ hostPorts: [{ min: 5, max: 9 }] }), port(9), allowed()],
  ]);
});

describe('users and groups', () => {
  const ranges = [
    { min: 10, max: 20 },
    { min: 30, max: 30 },
  ];
  const mustRunAs = { runAsUser: { rule: 'MustRunAs', ranges } };
  const nonRoot = { runAsUser: { rule: 'MustRunAsNonRoot' } };
  const group = (rule: string) => ({ runAsGroup: { rule, ranges } });
  const fsGroup = (rule: string) => ({ fsGroup: { rule, ranges } });
  const groups = (rule: string) => ({ supplementalGroups: { rule, ranges } });
  const IN = 'must be in the ranges: [{10 20} {30 30}]';
  judge([
    ['the first user of the ranges', policy(mustRunAs), pod(), allowed(given({ runAsUser: 10 }))],
    ['the user of the pod', policy(mustRunAs), podSecured({ runAsUser: 30 }), allowed()],
    [
      'a user outside',
      policy(mustRunAs),
      secured({ runAsUser: 21 }),
      unable(`${CONTEXT}.runAsUser: Invalid value: 21: ${IN}`),
    ],
    ['no root', policy(nonRoot), pod(), allowed(given({ runAsNonRoot: true }))],
    ['no root, with a user', policy(nonRoot), secured({ runAsUser: 1 }), allowed()],
    [
      'no root, though root may be',
      policy(nonRoot),
      secured({ runAsNonRoot: false, runAsUser: 1 }),
      unable(`${CONTEXT}.runAsNonRoot: Invalid value: false: must be true`),
    ],
    [
      'no root, but user 0',
      policy(nonRoot),
      podSecured({ runAsUser: 0 }),
      unable(`${CONTEXT}.runAsUser: Invalid value: 0: running with the root UID is forbidden`),
    ],
    ['a group', policy(group('MustRunAs')), pod(), allowed(given({ runAsGroup: 10 }))],
    [
      'another group',
      policy(group('MayRunAs')),
      secured({ runAsGroup: 9 }),
      unable(`${CONTEXT}: Invalid value: [9]: group 9 ${IN}`),
    ],
    ['a group, or none', policy(group('MayRunAs')), pod(), allowed()],
    ['an fsGroup', policy(fsGroup('MustRunAs')), pod(), allowed({ 'spec.securityContext.fsGroup': 10 })],
    [
      'another fsGroup',
      policy(fsGroup('MayRunAs')),
      podSecured({ fsGroup: 999 }),
      unable(`spec.securityContext.fsGroup: Invalid value: [999]: group 999 ${IN}`),
    ],
    [
      'supplemental groups',
      policy(groups('MustRunAs')),
      pod(),
      allowed({ 'spec.securityContext.supplementalGroups': [10] }),
    ],
    [
      'an empty list is equivalent to none and stays empty',
      policy(groups('MayRunAs')),
      podSecured({ supplementalGroups: [] }),
      allowed(),
    ],
    [
      'others',
      policy(groups('MustRunAs')),
      podSecured({ supplementalGroups: [10, 9, 8] }),
      unable(
        `spec.securityContext.supplementalGroups: Invalid value: [10,9,8]: group 9 ${IN}`,
        `spec.securityContext.supplementalGroups: Invalid value: [10,9,8]: group 8 ${IN}`,
      ),
    ],
  ]);
});

describe('SELinux, AppArmor, seccomp', () => {
  const options = { user: 'u', role: 'r', type: 't', level: 's0:c6,c0' };
  const mustRunAs = policy({ seLinux: { rule: 'MustRunAs', seLinuxOptions: options } });
  const APPARMOR = 'apparmor.security.beta.kubernetes.io';
  const profiles = (allowedNames: string, name = '') =>
    annotated({
      [`${APPARMOR}/allowedProfileNames`]: allowedNames,
      ...(name !== '' && { [`${APPARMOR}/defaultProfileName`]: name }),
    });
  const armoured = (profile: string) => pod({}, { annotations: { [`container.${APPARMOR}/c`]: profile } });
  const armourPath = `pod.metadata.annotations[container.${APPARMOR}/c]`;
  const SECCOMP = 'seccomp.security.alpha.kubernetes.io';
  const seccomp = (names: string, name = '') =>
    annotated({
      ...(names !== '' && { [`${SECCOMP}/allowedProfileNames`]: names }),
      ...(name !== '' && { [`${SECCOMP}/defaultProfileName`]: name }),
    });
  const podPath = `pod.metadata.annotations[${SECCOMP}/pod]`;
  const containerPath = `pod.metadata.annotations[container.${SECCOMP}/c]`;
  const kept: AdmissionOutcome = { changes: { [LABEL]: 'a' }, annotations: admitted() };
  judge([
    [
      'the context of the policy',
      mustRunAs,
      pod(),
      allowed({ 'spec.securityContext.seLinuxOptions': options }),
    ],
    [
      'the same level in other words',
      mustRunAs,
      podSecured({ seLinuxOptions: { ...options, level: 's0:c0,c6' } }),
      allowed(),
    ],
    [
      'another context',
      mustRunAs,
      podSecured({ seLinuxOptions: { level: 's1:c0,c6', role: 'x', type: 't' } }),
      unable(
        ...['spec.securityContext', CONTEXT].flatMap((path) => [
          `${path}.seLinuxOptions.level: Invalid value: "s1:c0,c6": must be s0:c6,c0`,
          `${path}.seLinuxOptions.role: Invalid value: "x": must be r`,
          `${path}.seLinuxOptions.user: Invalid value: "": must be u`,
        ]),
      ),
    ],
    [
      'no AppArmor profile where one must be',
      profiles('runtime/default'),
      pod(),
      unable(`${armourPath}: Forbidden: AppArmor profile must be set`),
    ],
    [
      'another AppArmor profile',
      profiles('runtime/default'),
      armoured('localhost/foo'),
      unable(
        `${armourPath}: Forbidden: localhost/foo is not an allowed profile. Allowed values: "runtime/default"`,
      ),
    ],
    [
      'one of the AppArmor profiles',
      profiles('localhost/foo,runtime/default'),
      armoured('localhost/foo'),
      kept,
    ],
    [
      'the AppArmor profile of the field',
      profiles('runtime/default', 'runtime/default'),
      secured({ appArmorProfile: { type: 'RuntimeDefault' } }),
      allowed(),
    ],
    [
      'the AppArmor default',
      profiles('runtime/default', 'runtime/default'),
      pod(),
      allowed({
        'metadata.annotations': {
          [`container.${APPARMOR}/c`]: 'runtime/default',
          'kubernetes.io/psp': 'a',
        },
      }),
    ],
    [
      'seccomp where none is allowed',
      policy(),
      podSecured({ seccompProfile: { type: 'RuntimeDefault' } }),
      unable(
        `${podPath}: Forbidden: seccomp may not be set`,
        `${containerPath}: Forbidden: seccomp may not be set`,
      ),
    ],
    ['any seccomp', seccomp('*'), secured({ seccompProfile: { type: 'Unconfined' } }), allowed()],
    [
      'docker/default is runtime/default',
      seccomp('docker/default'),
      podSecured({ seccompProfile: { type: 'RuntimeDefault' } }),
      allowed(),
    ],
    [
      'another seccomp profile of a container',
      seccomp('runtime/default,localhost/x'),
      pod({
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } },
        containers: [{ name: 'c', image: 'c', securityContext: { seccompProfile: { type: 'Unconfined' } } }],
      }),
      unable(
        `${containerPath}: Forbidden: unconfined is not an allowed seccomp profile. Valid values are runtime/default,localhost/x`,
      ),
    ],
    [
      'the seccomp default, in the annotation and in the field',
      seccomp('*', 'localhost/x'),
      pod(),
      allowed({
        'metadata.annotations': { [`${SECCOMP}/pod`]: 'localhost/x', 'kubernetes.io/psp': 'a' },
        'spec.securityContext.seccompProfile': { type: 'Localhost', localhostProfile: 'x' },
      }),
    ],
  ]);
});

describe('capabilities, file system, escalation, /proc', () => {
  const caps = (capabilities: object) => secured({ capabilities });
  const PATH = `${CONTEXT}.capabilities`;
  judge([
    [
      'a capability that is not allowed',
      policy(),
      caps({ add: ['FOO'] }),
      unable(`${PATH}.add: Invalid value: "FOO": capability may not be added`),
    ],
    ['an allowed one', policy({ allowedCapabilities: ['FOO'] }), caps({ add: ['FOO'] }), allowed()],
    ['any', policy({ allowedCapabilities: ['*'] }), caps({ add: ['FOO'] }), allowed()],
    [
      'added and dropped capabilities',
      policy({ defaultAddCapabilities: ['B', 'A'], requiredDropCapabilities: ['Y'] }),
      caps({ drop: ['X', 'B'] }),
      allowed(given({ capabilities: { add: ['A'], drop: ['B', 'X', 'Y'] } })),
    ],
    [
      'a root file system to be read only',
      policy({ readOnlyRootFilesystem: true }),
      pod(),
      allowed(given({ readOnlyRootFilesystem: true })),
    ],
    [
      'a writable one',
      policy({ readOnlyRootFilesystem: true }),
      secured({ readOnlyRootFilesystem: false }),
      unable(
        `${CONTEXT}.readOnlyRootFilesystem: Invalid value: false: ReadOnlyRootFilesystem must be set to true`,
      ),
    ],
    [
      'no escalation',
      policy({ allowPrivilegeEscalation: false }),
      pod(),
      allowed(given({ allowPrivilegeEscalation: false })),
    ],
    [
      'escalation',
      policy({ allowPrivilegeEscalation: false }),
      secured({ allowPrivilegeEscalation: true }),
      unable(
        `${CONTEXT}.allowPrivilegeEscalation: Invalid value: true: Allowing privilege escalation for containers is not allowed`,
      ),
    ],
    [
      'no escalation by default',
      policy({ defaultAllowPrivilegeEscalation: false }),
      pod(),
      allowed(given({ allowPrivilegeEscalation: false })),
    ],
    [
      'all of /proc',
      policy(),
      pod({
        hostUsers: false,
        containers: [{ name: 'c', image: 'c', securityContext: { procMount: 'Unmasked' } }],
      }),
      unable(`${CONTEXT}.procMount: Invalid value: "Unmasked": ProcMountType is not allowed`),
    ],
    [
      'no default /proc',
      policy({ allowedProcMountTypes: ['Unmasked'] }),
      pod(),
      unable(`${CONTEXT}.procMount: Invalid value: "Default": ProcMountType is not allowed`),
    ],
  ]);
});

describe('sysctls, runtime classes', () => {
  const sysctl = (name: string) => podSecured({ sysctls: [{ name, value: '1' }] });
  const PATH = 'pod.spec.securityContext.sysctls[0]';
  const SAFE = 'kernel.shm_rmid_forced';
  judge([
    ['a safe one', policy(), sysctl(SAFE), allowed()],
    [
      'a forbidden one',
      policy({ forbiddenSysctls: ['kernel.*'] }),
      sysctl(SAFE),
      unable(`${PATH}: Forbidden: sysctl "${SAFE}" is not allowed`),
    ],
    [
      'an unsafe one',
      policy({ allowedUnsafeSysctls: ['kernel.se'] }),
      sysctl('kernel.sem'),
      unable(`${PATH}: Forbidden: unsafe sysctl "kernel.sem" is not allowed`),
    ],
    ['an allowed one', policy({ allowedUnsafeSysctls: ['kernel.se*'] }), sysctl('kernel.sem'), allowed()],
    [
      'a runtime class by default',
      policy({ runtimeClass: { allowedRuntimeClassNames: ['fast'], defaultRuntimeClassName: 'fast' } }),
      pod(),
      allowed({ 'spec.runtimeClassName': 'fast' }),
    ],
    [
      'another runtime class',
      policy({ runtimeClass: { allowedRuntimeClassNames: ['fast'] } }),
      pod({ runtimeClassName: 'slow' }),
      unable('spec.runtimeClassName: Invalid value: "slow"'),
    ],
    [
      'any runtime class',
      policy({ runtimeClass: { allowedRuntimeClassNames: ['*'] } }),
      pod({ runtimeClassName: 'slow' }),
      allowed(),
    ],
  ]);
});

describe('volumes', () => {
  const volume = (source: object, mounts: object[] = []) =>
    pod({
      volumes: [{ name: 'v', ...source }],
      containers: [{ name: 'c', image: 'c', volumeMounts: mounts }],
    });
  const path = (text: string) => volume({ hostPath: { path: text } }, [{ name: 'v', mountPath: '/v' }]);
  const paths = (...allowedHostPaths: object[]) => policy({ volumes: ['hostPath'], allowedHostPaths });
  const flex = (...drivers: string[]) =>
    policy({ volumes: ['*'], allowedFlexVolumes: drivers.map((driver) => ({ driver })) });
  const token = (sources: object[]) => volume({ projected: { sources } });
  const own = [
    { serviceAccountToken: { path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt' } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
  ];
  const PATH = 'spec.volumes[0]';
  const notAllowed = (type: string) =>
    unable(`${PATH}: Invalid value: "${type}": ${type} volumes are not allowed to be used`);
  judge([
    ['none is allowed', policy(), volume({ emptyDir: {} }), notAllowed('emptyDir')],
    [
      'by its own name',
      policy({ volumes: ['emptyDir'] }),
      volume({ cephfs: { monitors: ['m'] } }),
      notAllowed('cephFS'),
    ],
    ['all are allowed', policy({ volumes: ['*'] }), volume({ nfs: { server: 's', path: '/' } }), allowed()],
    [
      'a sort that no policy knows',
      policy({ volumes: ['*'] }),
      volume({ image: { reference: 'r' } }),
      {
        changes: {},
        refused: expect.stringContaining(
          `${PATH}: Invalid value: "": unknown volume type for volume: {"name":"v","image":`,
        ),
      },
    ],
    ['any path', paths(), path('/'), allowed()],
    ['a path below', paths({ pathPrefix: '/foo/' }), path('/foo/bar'), allowed()],
    [
      'a path beside',
      paths({ pathPrefix: '/foo' }),
      path('/food'),
      unable(`${PATH}.hostPath.pathPrefix: Invalid value: "/food": is not allowed to be used`),
    ],
    [
      'a path to be read only',
      paths({ pathPrefix: '/foo', readOnly: true }),
      path('/foo'),
      unable(`${CONTAINER}.volumeMounts[0].readOnly: Invalid value: false: must be read-only`),
    ],
    [
      'a path to be read only, but not here',
      paths({ pathPrefix: '/foo', readOnly: true }, { pathPrefix: '/foo/bar' }),
      path('/foo/bar'),
      allowed(),
    ],
    [
      'another driver',
      flex('a/b'),
      volume({ flexVolume: { driver: 'a/c' } }),
      unable(`${PATH}.driver: Invalid value: "a/c": Flexvolume driver is not allowed to be used`),
    ],
    ['any driver', flex(), volume({ flexVolume: { driver: 'a/c' } }), allowed()],
    [
      'another CSI driver',
      policy({ volumes: ['csi'], allowedCSIDrivers: [{ name: 'x' }] }),
      volume({ csi: { driver: 'y' } }),
      unable(`${PATH}.csi.driver: Invalid value: "y": Inline CSI driver is not allowed to be used`),
    ],
    ['tokens, where secrets are allowed', policy({ volumes: ['secret'] }), token(own), allowed()],
    [
      'more than tokens',
      policy({ volumes: ['secret'] }),
      token([...own, { secret: { name: 's' } }]),
      notAllowed('projected'),
    ],
  ]);
});

/** Permissions to use policies: `user group policy`. */
const mayUse =
  (...grants: string[]): NonNullable<AdmissionCase['authorize']> =>
  ({ user, apiGroup, name, verb, resource, namespace, apiVersion }) =>
    verb === 'use' &&
    resource === 'podsecuritypolicies' &&
    namespace === 'ns' &&
    apiVersion === '*' &&
    grants.includes(`${user.name} ${apiGroup} ${name}`);

const root = policy({ runAsUser: { rule: 'MustRunAs', ranges: [{ min: 0, max: 0 }] } }, 'b');
const open = policy({}, 'c');
const broken = policy({ runAsUser: { rule: 'MustRunAs' } }, 'a');
const closed = policy({ hostNetwork: false }, 'd');
const ran = pod({ serviceAccountName: 'bot' });
const ACCOUNT = 'system:serviceaccount:ns:bot';
const from = (name: string, object: Manifest = pod()): Manifest => ({
  ...object,
  metadata: { ...object.metadata, annotations: { 'kubernetes.io/psp': name } },
});
const updated = (name: string): AdmissionOutcome => ({
  changes: {},
  annotations: { [`${AUDIT}/validate-policy`]: name },
});

describePlugin(podSecurityPolicy, {
  'no policies': [
    { object: pod() },
    {
      changes: {},
      refused:
        '403 Forbidden: pods "p" is forbidden: PodSecurityPolicy: no providers available to validate pod request',
    },
  ],
  'no usable policies': [
    { object: pod(), cluster: [broken] },
    {
      changes: {},
      refused:
        '403 Forbidden: pods "p" is forbidden: PodSecurityPolicy: no providers available to validate pod request',
    },
  ],
  'a policy without changes before one with changes': [
    { object: pod(), cluster: [broken, root, open, closed] },
    allowed({}, 'c'),
  ],
  "the user's policy": [
    { object: pod(), cluster: [root, open], authorize: mayUse('bob policy b') },
    allowed(given({ runAsUser: 0 }), 'b'),
  ],
  "the service account's policy, by the old group": [
    { object: ran, cluster: [root, open], authorize: mayUse(`${ACCOUNT} extensions c`) },
    allowed({}, 'c'),
  ],
  'no permission for any policy': [{ object: ran, cluster: [root, open], authorize: mayUse() }, unable()],
  'only usable policies are reported': [
    { object: pod({ hostPID: true }), cluster: [root, open], authorize: mayUse('bob policy c') },
    unable('spec.securityContext.hostPID: Invalid value: true: Host PID is not allowed to be used'),
  ],
  'a subresource': [{ object: pod({ hostPID: true }), subresource: 'status' }, PASSED],
  'an update is checked first by the policy that admitted the pod': [
    { object: from('d'), oldObject: from('d', pod({ activeDeadlineSeconds: 9 })), cluster: [open, closed] },
    updated('d'),
  ],
  "an update isn't mutated": [
    { object: from('b'), oldObject: from('b', pod({ activeDeadlineSeconds: 9 })), cluster: [root] },
    {
      changes: {},
      refused: '403 Forbidden: pods "p" is forbidden: PodSecurityPolicy: unable to validate pod: []',
    },
  ],
  'an update of finalizers alone': [
    {
      object: pod({ hostPID: true }),
      oldObject: pod({ hostPID: true }, { finalizers: ['a/b'] }),
      cluster: [open],
    },
    PASSED,
  ],
});
