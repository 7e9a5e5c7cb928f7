import { describe, expect, test } from 'vitest';
import type { Pod, PodTemplate } from '../../../../shared/apis/core/v1/types.ts';
import { warningsForPod, warningsForPodTemplate } from '../../../../shared/apis/core/warnings/pods.ts';
import { FieldPath } from '../../../../shared/meta/field-path.ts';
import { deploymentStrategy } from '../../../../shared/registry/apps/deployment/strategy.ts';
import { statefulSetStrategy } from '../../../../shared/registry/apps/statefulset/strategy.ts';
import { jobStrategy } from '../../../../shared/registry/batch/job/strategy.ts';
import { internalObject } from '../../../fixtures/internal-object.ts';
import { createOutcome, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const container = (fields: object = {}) => ({ name: 'a', image: 'a:1', ...fields });
const pod = (spec: object, metadata: object = {}) =>
  internalObject<Pod>({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata,
    spec: { containers: [container()], ...spec },
  });

const NULL_SELECTOR = 'a null labelSelector results in matching no pod';
const OS = 'deprecated since v1.14; use "kubernetes.io/os" instead';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const onOS = { matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'In', values: ['a b'] }] };

describe('pods', () => {
  test.each<[string, object, object, string[]]>([
    ['no warnings', {}, {}, []],
    [
      'deprecated node labels',
      {
        nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
        affinity: {
          nodeAffinity: {
            [REQUIRED]: { nodeSelectorTerms: [onOS] },
            [PREFERRED]: [{ weight: 1, preference: onOS }],
          },
        },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'failure-domain.beta.kubernetes.io/zone',
            whenUnsatisfiable: 'DoNotSchedule',
          },
        ],
      },
      {},
      [
        `spec.nodeSelector[beta.kubernetes.io/os]: ${OS}`,
        `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is ${OS}`,
        `spec.affinity.nodeAffinity.${PREFERRED}[0].preference.matchExpressions[0].key: beta.kubernetes.io/os is ${OS}`,
        `spec.affinity.nodeAffinity.${PREFERRED}[0].preference.matchExpressions[0].values[0]: a b is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
        `spec.topologySpreadConstraints[0].labelSelector: ${NULL_SELECTOR}`,
      ],
    ],
    [
      'annotations without effect',
      {},
      {
        annotations: {
          'security.alpha.kubernetes.io/sysctls': 'a=b',
          'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
          'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined',
        },
      },
      [
        'metadata.annotations[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead',
        'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
        'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/a]: non-functional in v1.27+; use the "seccompProfile" field instead',
      ],
    ],
    [
      "volumes that aren't mounted",
      {
        volumes: [
          { name: 'a', gitRepo: { repository: 'r' } },
          { name: 'b', storageos: { volumeName: 'v' } },
          { name: 'c', rbd: { monitors: ['m'], image: 'i' } },
          {
            name: 'd',
            ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1.5' } } } } },
          },
        ],
      },
      {},
      [
        'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
        'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
        'spec.volumes[2].rbd: deprecated in v1.28, non-functional in v1.31+',
        'spec.volumes[3].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      ],
    ],
    [
      'overlapping files',
      {
        volumes: [
          {
            name: 'a',
            configMap: {
              name: 'm',
              items: [
                { key: 'k', path: 'x/' },
                { key: 'l', path: 'x/y' },
                { key: 'm', path: 'xy' },
              ],
            },
          },
          {
            name: 'b',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token' } },
                { secret: { name: 's', items: [{ key: 'k', path: 'token' }] } },
                {},
              ],
            },
          },
        ],
      },
      {},
      [
        'volume "a" (ConfigMap "m"): overlapping paths: "x/y" with "x"',
        'volume "b" (Projected): overlapping paths: "token" (Secret "s") with "token" (ServiceAccountToken)',
        'volume "b" (Projected) has no sources provided',
      ],
    ],
    [
      'duplicates',
      {
        hostAliases: [{ ip: '1.2.3.4' }, { ip: '1.2.3.4' }],
        imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
      },
      {},
      [
        'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
        'spec.imagePullSecrets[1].name: duplicate name "a"',
        'spec.imagePullSecrets[2].name: invalid empty name ""',
      ],
    ],
    [
      'fractional bytes',
      {
        overhead: { memory: '100m' },
        containers: [
          container({ resources: { limits: { memory: '1.5' }, requests: { 'ephemeral-storage': '500m' } } }),
        ],
      },
      {},
      [
        'spec.overhead[memory]: fractional byte value "100m" is invalid, must be an integer',
        'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[ephemeral-storage]: fractional byte value "500m" is invalid, must be an integer',
      ],
    ],
    [
      'duplicate variables',
      {
        containers: [
          container({
            env: [
              { name: 'A', value: 'x' },
              { name: 'A', value: '$(A):y' },
              { name: 'A', value: 'z' },
              { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
          }),
        ],
      },
      {},
      [
        'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
        'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply',
      ],
    ],
    [
      'ports',
      {
        initContainers: [
          container({ name: 'i', restartPolicy: 'Always', ports: [{ name: 'web', containerPort: 80 }] }),
        ],
        containers: [
          container({
            ports: [
              { name: 'web', containerPort: 80 },
              { containerPort: 80, hostPort: 8080 },
              { containerPort: 81, hostIP: '1.2.3.4' },
              { containerPort: 82, hostPort: 82 },
              { containerPort: 82, hostPort: 82, hostIP: '1.2.3.4' },
              { containerPort: 80, protocol: 'UDP' },
            ],
          }),
        ],
      },
      {},
      [
        'spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]',
        'spec.containers[0].ports[1]: overlapping port definition with spec.initContainers[0].ports[0]',
        'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:1.2.3.4}',
        'spec.containers[0].ports[4]: dangerously ambiguous port definition with spec.containers[0].ports[3]',
        'spec.containers[0].ports[0]: duplicate port name "web" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]',
      ],
    ],
    [
      'selectors that match no pods, and addresses',
      {
        affinity: {
          podAffinity: { [REQUIRED]: [{ topologyKey: 'z' }] },
          podAntiAffinity: { [PREFERRED]: [{ weight: 1, podAffinityTerm: { topologyKey: 'z' } }] },
        },
        dnsConfig: { nameservers: ['010.0.0.1', 'FD00::1'] },
        hostAliases: [{ ip: '::ffff:1.2.3.4' }],
      },
      {},
      [
        `spec.affinity.podAffinity.${REQUIRED}[0].labelSelector: ${NULL_SELECTOR}`,
        `spec.affinity.podAntiAffinity.${PREFERRED}[0].podAffinityTerm.labelSelector: ${NULL_SELECTOR}`,
        'spec.dnsConfig.nameservers[0]: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
        'spec.dnsConfig.nameservers[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
        'spec.hostAliases[0].ip: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"',
      ],
    ],
  ])('%s', (_, spec, metadata, warnings) => {
    expect(warningsForPod(pod(spec, metadata))).toEqual(warnings);
  });
});

test('templates get warnings with their path, for AppArmor and negative times', () => {
  const annotation = 'container.apparmor.security.beta.kubernetes.io/a';
  const { template } = internalObject<PodTemplate>({
    kind: 'PodTemplate',
    apiVersion: 'v1',
    template: {
      metadata: { annotations: { [annotation]: 'runtime/default' } },
      spec: { containers: [container()], terminationGracePeriodSeconds: -1 },
    },
  });
  const path = FieldPath.of('spec', 'template');
  expect(warningsForPodTemplate(template, path)).toEqual([
    `spec.template.metadata.annotations[${annotation}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ]);
  template!.spec!.securityContext = { appArmorProfile: { type: 'RuntimeDefault' } };
  template!.spec!.terminationGracePeriodSeconds = 1;
  expect(warningsForPodTemplate(template, path)).toEqual([]);
});

describe('workloads', () => {
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [container()], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
  };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  const WARNING = `spec.template.spec.nodeSelector[beta.kubernetes.io/os]: ${OS}`;

  test('get warnings for their templates, on update only if something changes', async () => {
    const deployment = { kind: 'Deployment', apiVersion: 'apps/v1', spec };
    expect((await createOutcome(deploymentStrategy, deployment)).warnings).toEqual([WARNING]);
    const same = await updateOutcome(deploymentStrategy, { from: deployment, to: deployment });
    expect(same.warnings).toEqual([]);
    const to = { ...deployment, spec: { ...spec, replicas: 3 } };
    expect((await updateOutcome(deploymentStrategy, { from: deployment, to })).warnings).toEqual([WARNING]);
  });

  test('stateful sets get warnings for their claims', async () => {
    const claim = {
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1.5' } } },
    };
    const statefulSet = {
      kind: 'StatefulSet',
      apiVersion: 'apps/v1',
      spec: { ...spec, serviceName: 's', revisionHistoryLimit: -1, volumeClaimTemplates: [claim] },
    };
    expect((await createOutcome(statefulSetStrategy, statefulSet)).warnings).toEqual([
      WARNING,
      'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    ]);
  });

  test('jobs', async () => {
    const job = {
      kind: 'Job',
      apiVersion: 'batch/v1',
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
    };
    expect((await createOutcome(jobStrategy, job)).warnings).toEqual([WARNING]);
  });
});
