import { describe, expect, it } from 'vitest';
import { podSecurity } from '../../../shared/admission/plugins/pod-security.ts';
import { evaluatePod, formatViolations } from '../../../shared/admission/podsecurity/evaluate-pod.ts';
import type { Level } from '../../../shared/admission/podsecurity/policy.ts';
import type { Pod } from '../../../shared/apis/core/v1/types.ts';
import { BOB, PASSED, refused, testDependencies } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';
import { internalObject } from '../../fixtures/internal-object.ts';

const pod = (spec: object = {}, annotations: object = {}, name = 'p') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns', annotations },
  spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
});
const containers = (...contexts: object[]) => ({
  containers: contexts.map((securityContext, index) => ({
    name: 'abc'[index]!,
    image: 'a:1',
    securityContext,
  })),
});
/** Meets all requirements of the restricted level. */
const careful = (container: object = {}, context: object = {}) => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...context },
  ...containers({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...container }),
});
const WITHOUT_CARE =
  'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

describe('checks', () => {
  /** Violations by the minor version from which they apply. */
  type Row = readonly [
    what: string,
    level: Level,
    spec: object,
    by: Record<number, string>,
    annotations?: object,
  ];
  const table: readonly Row[] = [
    ['nothing special', 'baseline', {}, { 0: '', 36: '' }],
    [
      'nothing special, restricted',
      'restricted',
      {},
      {
        0: 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
        8: 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
        22: WITHOUT_CARE,
        99: WITHOUT_CARE,
      },
    ],
    ['care', 'restricted', careful(), { 0: '', 36: '' }],
    ['anything goes', 'privileged', { hostNetwork: true }, { 36: '' }],
    [
      'host namespaces',
      'baseline',
      { hostNetwork: true, hostIPC: true },
      {
        0: 'host namespaces (hostNetwork=true, hostIPC=true)',
      },
    ],
    [
      'privileged containers',
      'baseline',
      containers({ privileged: true }, {}, { privileged: true }),
      {
        0: 'privileged (containers "a", "c" must not set securityContext.privileged=true)',
      },
    ],
    [
      'capabilities',
      'baseline',
      containers({ capabilities: { add: ['NET_RAW', 'CHOWN', 'BPF'] } }),
      {
        0: 'non-default capabilities (container "a" must not include "BPF", "NET_RAW" in securityContext.capabilities.add)',
      },
    ],
    [
      'capabilities, restricted',
      'restricted',
      careful({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
      {
        21: '',
        22: 'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)',
      },
    ],
    [
      'host paths',
      'baseline',
      {
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', hostPath: { path: '/' } },
        ],
      },
      {
        0: 'hostPath volumes (volumes "v", "w")',
      },
    ],
    [
      'volumes',
      'restricted',
      {
        ...careful(),
        volumes: [
          { name: 'v', nfs: { server: 's', path: '/' } },
          { name: 'w', hostPath: { path: '/' } },
          { name: 'x', emptyDir: {} },
        ],
      },
      {
        0: 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
      },
    ],
    [
      'host ports',
      'baseline',
      {
        containers: [
          {
            name: 'a',
            image: 'a',
            ports: [
              { containerPort: 1, hostPort: 80 },
              { containerPort: 2, hostPort: 8080 },
            ],
          },
        ],
      },
      {
        0: 'hostPort (container "a" uses hostPorts 80, 8080)',
      },
    ],
    [
      'probes elsewhere',
      'baseline',
      {
        containers: [
          {
            name: 'a',
            image: 'a',
            livenessProbe: { httpGet: { host: 'h', port: 1 } },
            lifecycle: { preStop: { tcpSocket: { host: 'g', port: 1 } } },
          },
        ],
      },
      {
        33: '',
        34: 'probe or lifecycle host (container "a" uses probe or lifecycle hosts "g", "h")',
      },
    ],
    [
      'AppArmor',
      'baseline',
      {
        securityContext: { appArmorProfile: { type: 'Unconfined' } },
        ...containers({ appArmorProfile: { type: 'Unconfined' } }),
      },
      {
        0: 'forbidden AppArmor profiles (pod and container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
      },
      { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
    ],
    [
      'SELinux',
      'baseline',
      {
        securityContext: { seLinuxOptions: { type: 'x', user: 'u' } },
        ...containers({ seLinuxOptions: { role: 'r' } }, { seLinuxOptions: { type: 'container_engine_t' } }),
      },
      {
        0: 'seLinuxOptions (pod and containers "a", "b" set forbidden securityContext.seLinuxOptions: types "container_engine_t", "x"; user may not be set; role may not be set)',
        31: 'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "x"; user may not be set; role may not be set)',
      },
    ],
    [
      '/proc',
      'baseline',
      containers({ procMount: 'Unmasked' }),
      {
        0: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
      },
    ],
    [
      '/proc in a user namespace',
      'baseline',
      { hostUsers: false, ...containers({ procMount: 'Unmasked' }) },
      {
        34: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
        35: '',
      },
    ],
    [
      '/proc in a user namespace, restricted',
      'restricted',
      { hostUsers: false, ...careful({ procMount: 'Unmasked' }) },
      {
        36: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
      },
    ],
    [
      'seccomp by annotation',
      'baseline',
      {},
      {
        0: 'seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="x", seccomp.security.alpha.kubernetes.io/pod="unconfined")',
        19: '',
      },
      {
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
        'container.seccomp.security.alpha.kubernetes.io/a': 'x',
        'container.seccomp.security.alpha.kubernetes.io/z': 'x',
      },
    ],
    [
      'seccomp',
      'baseline',
      {
        securityContext: { seccompProfile: { type: 'Unconfined' } },
        ...containers({ seccompProfile: { type: 'Unconfined' } }),
      },
      {
        18: '',
        19: 'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
      },
    ],
    ['seccomp of the pod alone', 'restricted', careful(), { 36: '' }],
    [
      'sysctls',
      'baseline',
      {
        securityContext: {
          sysctls: [
            { name: 'a', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      },
      {
        31: 'forbidden sysctls (a, net.ipv4.tcp_rmem)',
        32: 'forbidden sysctls (a)',
      },
    ],
    [
      'host processes',
      'baseline',
      { securityContext: { windowsOptions: { hostProcess: true } } },
      {
        0: 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
      },
    ],
    [
      'root by number',
      'restricted',
      careful({}, { runAsUser: 0 }),
      { 22: '', 23: 'runAsUser=0 (pod must not set runAsUser=0)' },
    ],
    [
      'root by choice',
      'restricted',
      careful({ runAsNonRoot: false }),
      {
        0: 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
      },
    ],
    [
      'root in a user namespace',
      'restricted',
      { hostUsers: false, ...careful({}, { runAsNonRoot: false, runAsUser: 0 }) },
      {
        34: 'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0)',
        35: '',
      },
    ],
    [
      'Windows',
      'restricted',
      { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } },
      {
        24: 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
        25: '',
      },
    ],
    [
      'init and ephemeral containers',
      'baseline',
      {
        initContainers: [{ name: 'i', image: 'i', securityContext: { privileged: true } }],
        ephemeralContainers: [{ name: 'e', image: 'e', securityContext: { privileged: true } }],
      },
      {
        0: 'privileged (containers "i", "e" must not set securityContext.privileged=true)',
      },
    ],
  ];
  it.each(table.map((row) => [row[0], row] as const))('%s', (_, [, level, spec, by, annotations]) => {
    const object = internalObject<Pod>(pod(spec, annotations));
    for (const [version, expected] of Object.entries(by)) {
      const violations = evaluatePod({ level, version: Number(version) }, object);
      expect([version, formatViolations(violations)]).toEqual([version, expected]);
    }
  });
});

const namespace = (labels: object, name = 'ns') => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
    ),
  },
});
const annotations = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
  );
const inNamespace = (labels: object, request: object) => ({ ...request, cluster: [namespace(labels)] });
const hostNetwork = { hostNetwork: true };
const DETAIL = 'host namespaces (hostNetwork=true)';
const template = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'ns' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: pod(spec).spec },
  },
});
const invalidNamespace = (field: string, value: string, why: string) => {
  const path = `metadata.labels[pod-security.kubernetes.io/${field}]`;
  return {
    ...refused(`422 Invalid: Namespace "ns" is invalid: ${path}: Invalid value: "${value}": ${why}`),
    causes: [{ reason: 'FieldValueInvalid', message: `Invalid value: "${value}": ${why}`, field: path }],
  };
};
const controlled = (name: string, uid: string, spec: object) => ({
  ...pod(spec, {}, name),
  metadata: {
    name,
    namespace: 'ns',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, controller: true }],
  },
});

describePlugin(podSecurity, {
  'a namespace without levels': [
    inNamespace({}, { object: pod(hostNetwork) }),
    { changes: {}, annotations: annotations({ 'enforce-policy': 'privileged:latest' }) },
  ],
  'a pod that violates the enforced level': [
    inNamespace({ enforce: 'baseline', 'enforce-version': 'v1.20' }, { object: pod(hostNetwork) }),
    {
      ...refused(`403 Forbidden: pods "p" is forbidden: violates PodSecurity "baseline:v1.20": ${DETAIL}`),
      annotations: annotations({ 'enforce-policy': 'baseline:v1.20' }),
    },
  ],
  'a pod that meets the enforced level': [
    inNamespace({ enforce: 'baseline' }, { object: pod() }),
    { changes: {}, annotations: annotations({ 'enforce-policy': 'baseline:latest' }) },
  ],
  'a pod that violates the warn level': [
    inNamespace(
      { warn: 'baseline', audit: 'restricted', 'audit-version': 'v1.5' },
      { object: pod(hostNetwork) },
    ),
    {
      changes: {},
      warnings: [`would violate PodSecurity "baseline:latest": ${DETAIL}`],
      annotations: annotations({
        'enforce-policy': 'privileged:latest',
        'audit-violations': `would violate PodSecurity "restricted:v1.5": ${DETAIL}, runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)`,
      }),
    },
  ],
  'a workload is warned of violations of the enforced level': [
    inNamespace({ enforce: 'baseline', 'enforce-version': 'v1.30' }, { object: template(hostNetwork) }),
    { changes: {}, warnings: [`would violate PodSecurity "baseline:v1.30": ${DETAIL}`] },
  ],
  "the status of a workload isn't checked": [
    inNamespace(
      { enforce: 'baseline' },
      { object: template(hostNetwork), oldObject: template({}), subresource: 'status' },
    ),
    PASSED,
  ],
  'an object without pods': [
    inNamespace(
      { enforce: 'restricted' },
      { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'ns' } } },
    ),
    PASSED,
  ],
  'an update of irrelevant fields': [
    inNamespace(
      { enforce: 'baseline' },
      { object: pod(hostNetwork, { a: 'b' }), oldObject: pod(hostNetwork) },
    ),
    PASSED,
  ],
  'an update of an image': [
    inNamespace(
      { enforce: 'baseline' },
      {
        object: pod({ ...hostNetwork, containers: [{ name: 'a', image: 'a:2' }] }),
        oldObject: pod(hostNetwork),
      },
    ),
    {
      ...refused(`403 Forbidden: pods "p" is forbidden: violates PodSecurity "baseline:latest": ${DETAIL}`),
      annotations: annotations({ 'enforce-policy': 'baseline:latest' }),
    },
  ],
  'an ephemeral container': [
    inNamespace(
      { enforce: 'baseline' },
      {
        object: pod({
          ephemeralContainers: [{ name: 'e', image: 'e', securityContext: { privileged: true } }],
        }),
        oldObject: pod(),
        subresource: 'ephemeralcontainers',
      },
    ),
    {
      ...refused(
        '403 Forbidden: pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged (container "e" must not set securityContext.privileged=true)',
      ),
      annotations: annotations({ 'enforce-policy': 'baseline:latest' }),
    },
  ],
  'a status': [
    inNamespace(
      { enforce: 'baseline' },
      { object: pod(hostNetwork), oldObject: pod(), subresource: 'status' },
    ),
    PASSED,
  ],
  'invalid labels': [
    inNamespace({ enforce: 'strict', warn: 'x' }, { object: pod(hostNetwork) }),
    {
      ...refused(
        `403 Forbidden: pods "p" is forbidden: violates PodSecurity "restricted:latest": ${DETAIL}, ${WITHOUT_CARE}`,
      ),
      annotations: annotations({
        error:
          'Failed to parse policy: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "x": must be one of privileged, baseline, restricted]',
        'enforce-policy': 'restricted:latest',
      }),
    },
  ],
  'a missing namespace': [
    { object: pod() },
    {
      ...refused('500 InternalError: Internal error occurred: failed to lookup namespace "ns"'),
      causes: [{ message: 'failed to lookup namespace "ns"' }],
      annotations: annotations({
        error: 'Internal error occurred: failed to lookup namespace "ns": namespaces "ns" not found',
      }),
    },
  ],
  'a new namespace': [{ object: namespace({ enforce: 'restricted', 'audit-version': 'v1.9' }) }, PASSED],
  'a new namespace with an invalid level': [
    { object: namespace({ enforce: 'strict' }) },
    invalidNamespace('enforce', 'strict', 'must be one of privileged, baseline, restricted'),
  ],
  'a new namespace with an invalid version': [
    { object: namespace({ 'warn-version': '1.9' }) },
    invalidNamespace('warn-version', '1.9', 'must be "latest" or "v1.x"'),
  ],
  'a namespace with old invalid labels': [
    { object: namespace({ enforce: 'strict', extra: 'x' }), oldObject: namespace({ enforce: 'strict' }) },
    PASSED,
  ],
  'a namespace whose new level its pods violate': [
    {
      object: namespace({ enforce: 'baseline' }),
      oldObject: namespace({}),
      cluster: [
        pod(hostNetwork, {}, 'z'),
        controlled('r1', 'rs', hostNetwork),
        controlled('r2', 'rs', hostNetwork),
        pod({ hostPID: true, ...containers({ privileged: true }) }, {}, 'y'),
        pod({}, {}, 'good'),
      ],
    },
    {
      changes: {},
      warnings: [
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
        'r1 (and 2 other pods): host namespaces',
        'y: host namespaces, privileged',
      ],
    },
  ],
  'a namespace with a less strict level': [
    {
      object: namespace({ enforce: 'baseline' }),
      oldObject: namespace({ enforce: 'restricted' }),
      cluster: [pod(hostNetwork)],
    },
    PASSED,
  ],
});

const configuration = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'baseline', 'enforce-version': 'v1.25' },
  exemptions: { namespaces: ['free'], usernames: ['root'], runtimeClasses: ['vm'] },
};
describePlugin(
  podSecurity,
  {
    'configured: the default level': [
      inNamespace({}, { object: pod(hostNetwork) }),
      {
        ...refused(`403 Forbidden: pods "p" is forbidden: violates PodSecurity "baseline:v1.25": ${DETAIL}`),
        annotations: annotations({ 'enforce-policy': 'baseline:v1.25' }),
      },
    ],
    'configured: an exempt user': [
      inNamespace({}, { object: pod(hostNetwork), user: { ...BOB, name: 'root' } }),
      { changes: {}, annotations: annotations({ exempt: 'user' }) },
    ],
    'configured: an exempt namespace': [
      { object: { ...pod(hostNetwork), metadata: { name: 'p', namespace: 'free' } } },
      { changes: {}, annotations: annotations({ exempt: 'namespace' }) },
    ],
    'configured: an exempt runtime': [
      inNamespace({}, { object: pod({ ...hostNetwork, runtimeClassName: 'vm' }) }),
      { changes: {}, annotations: annotations({ exempt: 'runtimeClass' }) },
    ],
    'configured: labels of an exempt namespace': [
      { object: namespace({ enforce: 'restricted', audit: 'baseline' }, 'free') },
      {
        changes: {},
        warnings: [
          'namespace "free" is exempt from Pod Security, and the policy (enforce=restricted:v1.25, audit=baseline:latest) will be ignored',
        ],
      },
    ],
  },
  { configuration },
);

describe('a configuration', () => {
  it.each<[string, object, string]>([
    [
      'of another kind',
      { apiVersion: 'v1', kind: 'Pod' },
      'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      'with invalid values',
      {
        ...configuration,
        defaults: { enforce: 'x', 'warn-version': '1' },
        exemptions: { namespaces: ['A', 'b', 'b'], usernames: [''] },
      },
      `[defaults.enforce: Invalid value: "x": must be one of privileged, baseline, restricted, defaults.warn-version: Invalid value: "1": must be "latest" or "v1.x", exemptions.namespaces[0]: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), exemptions.namespaces[2]: Duplicate value: "b", exemptions.usernames[0]: Invalid value: "": username must not be empty]`,
    ],
  ])('%s', (_, value, message) => {
    expect(() => podSecurity(testDependencies({ configuration: value }))).toThrow(new Error(message));
  });
});
