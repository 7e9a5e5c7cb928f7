import { expect, test } from 'vitest';
import type { Container, PodSpec } from '../../../../shared/apis/core/v1/types.ts';
import { validatePodSpec } from '../../../../shared/apis/core/validation/pod-spec.ts';
import { formatFieldError } from '../../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../../shared/meta/field-path.ts';
import { defaultGates } from '../../../fixtures/default-gates.ts';
import { container, podSpec } from './pod-fixtures.ts';

const USER_ID = 'must be between 0 and 2147483647, inclusive';
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function messages(spec: PodSpec, options = { resourceIsPod: true, allows: defaultGates }): string[] {
  const meta = { name: 'web', namespace: 'default' };
  return validatePodSpec(spec, meta, FieldPath.of('spec'), options).map(formatFieldError);
}

test.each<[string, Partial<PodSpec>]>([
  ['defaulted fields', {}],
  [
    'volumes of many kinds',
    {
      volumes: [
        { name: 'a', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'b', hostPath: { path: '/x', type: 'Directory' } },
        { name: 'c', secret: { secretName: 's', items: [{ key: 'k', path: 'a/b', mode: 0o400 }] } },
        { name: 'd', projected: { sources: [{ configMap: { name: 'c' } }] } },
        { name: 'e', persistentVolumeClaim: { claimName: 'claim' } },
        { name: 'f', image: { reference: 'r', pullPolicy: 'Always' } },
        {
          name: 'g',
          ephemeral: {
            volumeClaimTemplate: {
              metadata: { labels: { a: 'b' } },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          },
        },
      ],
    },
  ],
  [
    'a sidecar with a probe',
    {
      initContainers: [
        container({
          name: 'side',
          restartPolicy: 'Always',
          startupProbe: { httpGet: { path: '/', port: 'http', scheme: 'HTTP' }, successThreshold: 1 },
        }),
      ],
    },
  ],
  [
    'huge pages',
    { containers: [container({ resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } } })] },
  ],
  ['gates and gang', { schedulingGates: [{ name: 'a.io/b' }], schedulingGroup: { podGroupName: 'g' } }],
])('%s is accepted', (_, fields) => {
  expect(messages(podSpec(fields))).toEqual([]);
});

test.each<[string, Partial<PodSpec>, string[]]>([
  [
    'a gang without a name, and an invalid resolver',
    { schedulingGroup: {}, evictionResponders: [{ name: 'drain', priority: 1000 }] },
    [
      'spec.schedulingGroup.podGroupName: Invalid value: null: must specify one of: `podGroupName`',
      'spec.schedulingGroup: Forbidden: may not be set when evictionResponders is set',
      `spec.evictionResponders[0].name: Invalid value: "drain": must include a prefix (e.g. 'example.com/key')`,
    ],
  ],
  ['no containers', { containers: null }, ['spec.containers: Required value']],
  [
    'nothing at all',
    {
      containers: [],
      restartPolicy: '',
      dnsPolicy: '',
      terminationGracePeriodSeconds: undefined,
    },
    [
      'spec.terminationGracePeriodSeconds: Required value',
      'spec.containers: Required value',
      'spec.restartPolicy: Required value',
      'spec.dnsPolicy: Required value',
    ],
  ],
  [
    'unknown policies',
    { restartPolicy: 'Sometimes', dnsPolicy: 'Guess', preemptionPolicy: 'Push' },
    [
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsPolicy: Unsupported value: "Guess": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      'spec.preemptionPolicy: Unsupported value: "Push": supported values: "PreemptLowerPriority", "Never"',
    ],
  ],
  [
    'names',
    { serviceAccountName: 'A', nodeName: 'B', hostname: 'c.d', subdomain: '-', priorityClassName: 'E' },
    [
      `spec.serviceAccountName: Invalid value: "A": ${SUBDOMAIN}`,
      `spec.nodeName: Invalid value: "B": ${SUBDOMAIN}`,
      'spec.hostname: Invalid value: "c.d": must not contain dots',
      `spec.subdomain: Invalid value: "-": ${LABEL}`,
      `spec.priorityClassName: Invalid value: "E": ${SUBDOMAIN}`,
    ],
  ],
  [
    'a deadline',
    { activeDeadlineSeconds: 0 },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'volumes',
    {
      volumes: [
        { name: '' },
        { name: 'a', emptyDir: {}, hostPath: { path: '/' } },
        { name: 'b', secret: { secretName: '', defaultMode: 0o1000, items: [{ key: '', path: '../x' }] } },
        { name: 'c', hostPath: { path: '/a/../b', type: 'Odd' } },
        { name: 'c', emptyDir: { sizeLimit: '-1' } },
        { name: 'd', emptyDir: {} },
        { name: 'd', emptyDir: {} },
        { name: 'e', configMap: { name: '' } },
        { name: 'f', nfs: { server: '', path: 'x' } },
        { name: 'g', csi: { driver: '' } },
        { name: 'h', image: { reference: '' } },
      ],
    },
    [
      'spec.volumes[0]: Required value: must specify a volume type',
      'spec.volumes[0].name: Required value',
      'spec.volumes[1].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[2].secret.secretName: Required value',
      'spec.volumes[2].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
      'spec.volumes[2].secret.items[0].key: Required value',
      `spec.volumes[2].secret.items[0].path: Invalid value: "../x": must not contain '..'`,
      `spec.volumes[3].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
      'spec.volumes[3].hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      'spec.volumes[4].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
      'spec.volumes[6].name: Duplicate value: "d"',
      'spec.volumes[7].configMap.name: Required value',
      'spec.volumes[8].nfs.server: Required value',
      'spec.volumes[8].nfs.path: Invalid value: "x": must be an absolute path',
      'spec.volumes[9].csi.driver: Required value',
      'spec.volumes[10].image.reference: Required value',
      'spec.volumes[10].image.pullPolicy: Required value',
    ],
  ],
  [
    'users and modes of files',
    {
      volumes: [
        { name: 'a', emptyDir: { mode: 1024 } },
        {
          name: 'b',
          secret: { secretName: 's', defaultUser: -1, items: [{ key: 'k', path: 'p', user: -2 }] },
        },
        { name: 'c', configMap: { name: 'm', defaultUser: -3 } },
        {
          name: 'd',
          downwardAPI: {
            defaultUser: -4,
            items: [{ path: 'p', user: -5, fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
          },
        },
        {
          name: 'e',
          projected: {
            defaultUser: -6,
            sources: [
              { serviceAccountToken: { path: 't', expirationSeconds: 600, user: -7 } },
              { clusterTrustBundle: { name: 'b', path: 'c', user: -8 } },
              {
                podCertificate: {
                  ...{ signerName: 'a.b/c', keyType: 'ED25519', credentialBundlePath: 'd', user: -9 },
                },
              },
            ],
          },
        },
      ],
    },
    [
      'spec.volumes[0].emptyDir.mode: Invalid value: 1024: must be a number between 0 and 01777 (octal), both inclusive',
      `spec.volumes[1].secret.defaultUser: Invalid value: -1: ${USER_ID}`,
      `spec.volumes[1].secret.items[0].user: Invalid value: -2: ${USER_ID}`,
      `spec.volumes[2].configMap.defaultUser: Invalid value: -3: ${USER_ID}`,
      `spec.volumes[3].downwardAPI.defaultUser: Invalid value: -4: ${USER_ID}`,
      `spec.volumes[3].downwardAPI.user: Invalid value: -5: ${USER_ID}`,
      `spec.volumes[4].projected.defaultUser: Invalid value: -6: ${USER_ID}`,
      `spec.volumes[4].projected.sources[0].serviceAccountToken.user: Invalid value: -7: ${USER_ID}`,
      `spec.volumes[4].projected.sources[1].clusterTrustBundle.user: Invalid value: -8: ${USER_ID}`,
      `spec.volumes[4].projected.sources[2].podCertificate.user: Invalid value: -9: ${USER_ID}`,
    ],
  ],
  [
    'projected volumes',
    {
      volumes: [
        {
          name: 'a',
          projected: {
            sources: [
              { secret: { name: 's', items: [{ key: 'k', path: 'p' }] }, configMap: { name: 'c' } },
              { configMap: { name: '', items: [{ key: 'k', path: 'p' }] } },
              { serviceAccountToken: { path: '', expirationSeconds: 5 } },
              {
                downwardAPI: { items: [{ path: 'l', fieldRef: { apiVersion: 'v1', fieldPath: 'spec.x' } }] },
              },
              { clusterTrustBundle: { path: '' } },
              {
                podCertificate: {
                  signerName: 'a',
                  keyType: 'DSA',
                  maxExpirationSeconds: 1,
                  userAnnotations: { '': '', A: '', 'Example.com/b': 'x'.repeat(256 * 1024) },
                },
              },
            ],
          },
        },
      ],
    },
    [
      'spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source',
      'spec.volumes[0].projected.sources[1].configMap.name: Required value',
      'spec.volumes[0].projected: Invalid value: "": conflicting duplicate paths',
      'spec.volumes[0].projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
      'spec.volumes[0].projected.path: Required value',
      'spec.volumes[0].projected.sources[3].downwardAPI.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
      'spec.volumes[0].projected.sources[4].clusterTrustBundle: Required value: either name or signerName must be specified',
      'spec.volumes[0].projected.sources[4].clusterTrustBundle.path: Required value',
      `spec.volumes[0].projected.sources[5].podCertificate.signerName: Invalid value: "a": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
      'spec.volumes[0].projected.sources[5].podCertificate.userAnnotations: Required value',
      'spec.volumes[0].projected.sources[5].podCertificate.userAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")',
      'spec.volumes[0].projected.sources[5].podCertificate.userAnnotations: Too long: may not be more than 262144 bytes',
      'spec.volumes[0].projected.sources[5].podCertificate.keyType: Unsupported value: "DSA": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"',
      'spec.volumes[0].projected.sources[5].podCertificate.maxExpirationSeconds: Invalid value: 1: if provided, maxExpirationSeconds must be >= 3600',
      'spec.volumes[0].projected.sources[5].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath',
    ],
  ],
  [
    'an ephemeral volume with too much metadata and too little spec',
    {
      volumes: [
        {
          name: 'a',
          ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: { resources: {} } } },
        },
        { name: 'b', persistentVolumeClaim: { claimName: 'web-a' } },
      ],
    },
    [
      'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
      'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-a": must not reference a PVC that gets created for an ephemeral volume',
    ],
  ],
  [
    'host network ports',
    { hostNetwork: true, containers: [container({ ports: [{ containerPort: 80, protocol: 'TCP' }] })] },
    [
      'spec.containers[0].ports[0].hostPort: Invalid value: 0: must match `containerPort` when `hostNetwork` is true',
    ],
  ],
  [
    'affinity',
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'a', operator: 'In' },
                  { key: '', operator: 'Near' },
                ],
                matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['a', 'b'] }],
              },
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }],
        },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: '', namespaces: ['A'] }],
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 101, podAffinityTerm: { topologyKey: 'zone', matchLabelKeys: ['a'] } },
          ],
        },
      },
    },
    [
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].operator: Invalid value: "Near": not a valid selector operator',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].key: Invalid value: "": name part must be non-empty',
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].key: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values: Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key',
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      `spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: "A": ${LABEL}`,
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
      "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  ],
  [
    'topology spread',
    {
      topologySpreadConstraints: [
        {
          maxSkew: 0,
          topologyKey: 'zone',
          whenUnsatisfiable: 'Cry',
          minDomains: 1,
          nodeTaintsPolicy: 'Obey',
        },
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'Cry' },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"',
      'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, Cry}"',
      'spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not Cry',
      'spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Obey": supported values: "Honor", "Ignore"',
      'spec.topologySpreadConstraints[1].whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  ],
  [
    'tolerations',
    {
      tolerations: [
        { value: '-' },
        { key: 'a', operator: 'Exists', value: 'b', effect: 'NoSchedule', tolerationSeconds: 1 },
        { key: 'a', operator: 'Like', effect: 'Never' },
      ],
    },
    [
      'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      `spec.tolerations[0].operator: Invalid value: "-": ${VALUE}`,
      'spec.tolerations[1].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
      'spec.tolerations[1].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
      'spec.tolerations[2].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
      'spec.tolerations[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'DNS',
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1', '1.1.1.1', '::1', '8.8.8.8'], searches: ['a_b', 'A', '.'] },
    },
    [
      'spec.dnsConfig.nameservers: Invalid value: ["1","1.1.1.1","::1","8.8.8.8"]: must not have more than 3 nameservers',
      'spec.dnsConfig.nameservers[0]: Invalid value: "1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.dnsConfig.searches[1]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'security',
    {
      hostPID: true,
      shareProcessNamespace: true,
      hostNetwork: true,
      securityContext: {
        fsGroup: -1,
        sysctls: [
          { name: 'net.ipv4.x', value: '1' },
          { name: 'A', value: '' },
        ],
        seccompProfile: { type: 'Localhost' },
        appArmorProfile: { type: 'RuntimeDefault', localhostProfile: 'x' },
        supplementalGroupsPolicy: 'Some',
      },
    },
    [
      'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.x": may not be specified when \'hostNetwork\' is true',
      'spec.securityContext.sysctls[1].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost',
      'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Some": supported values: "Merge", "Strict"',
      'spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'Windows',
    { os: { name: 'windows' }, hostPID: true, hostIPC: false, securityContext: { runAsUser: 1 } },
    [
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
    ],
  ],
  [
    'comparisons of taints, and an unknown operator',
    {
      tolerations: [
        { key: 'a', operator: 'Lt', value: '5' },
        { key: 'b', operator: 'Odd' },
      ],
    },
    [
      'spec.tolerations[0].operator: Unsupported value: "Lt": supported values: "Equal", "Exists", "Lt", "Gt"',
      'spec.tolerations[1].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
    ],
  ],
  [
    'rules of an init container without a policy',
    {
      initContainers: [
        {
          name: 'i',
          image: 'x',
          restartPolicyRules: [{}],
          resources: {},
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'Always',
        },
      ],
    },
    [
      'spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
  ],
  [
    'an unknown operating system',
    { os: { name: 'plan9' } },
    ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  ],
  [
    'pod-level resources',
    {
      resources: { requests: { cpu: '1', storage: '1' }, limits: { memory: '1Gi' } },
      containers: [container({ resources: { requests: { cpu: '2' }, limits: { memory: '2Gi' } } })],
    },
    [
      'spec.resources.requests[storage]: Unsupported value: "storage": supported values: "cpu", "hugepages-", "memory"',
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi',
    ],
  ],
  [
    'gates and claims',
    {
      schedulingGates: [{ name: 'a' }, { name: 'a' }],
      resourceClaims: [{ name: 'c' }],
      containers: [container({ resources: { claims: [{ name: 'c' }, { name: 'c' }, { name: 'd' }] } })],
    },
    [
      'spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      'spec.containers[0].resources.claims[1]: Duplicate value: "c"',
      'spec.containers[0].resources.claims[2]: Not found: "d": must be one of the names in pod.spec.resourceClaims: c',
      'spec.schedulingGates[1]: Duplicate value: "a"',
    ],
  ],
])('%s: rejected with every error', (_, fields, expected) => {
  expect(messages(podSpec(fields))).toEqual(expected);
});

test.each<[string, Partial<Container>, string[]]>([
  [
    'nothing',
    { name: '', image: '', terminationMessagePolicy: '', imagePullPolicy: '' },
    [
      'spec.containers[0].name: Required value',
      'spec.containers[0].image: Required value',
      'spec.containers[0].terminationMessagePolicy: Required value',
      'spec.containers[0].imagePullPolicy: Required value',
    ],
  ],
  [
    'ports',
    {
      ports: [
        { name: 'http', containerPort: 80, protocol: 'TCP', hostPort: 80 },
        { name: 'http', containerPort: 0, protocol: 'ICMP', hostPort: 80 },
        { name: 'HTTP', containerPort: 65536, protocol: 'TCP', hostPort: 80 },
      ],
    },
    [
      'spec.containers[0].ports[1].name: Duplicate value: "http"',
      'spec.containers[0].ports[1].containerPort: Required value',
      'spec.containers[0].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      'spec.containers[0].ports[2].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].ports[2].name: Invalid value: "HTTP": must contain at least one letter (a-z)',
      'spec.containers[0].ports[2].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[2].hostPort: Duplicate value: "TCP//80"',
    ],
  ],
  [
    'environment',
    {
      env: [
        { name: 'a=b' },
        { name: 'A', value: 'x', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
        { name: 'B', valueFrom: {} },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.disk', divisor: '0' } } },
        { name: 'D', valueFrom: { secretKeyRef: { name: 's', key: '' } } },
        { name: 'E', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
        { name: 'F', valueFrom: { fileKeyRef: { volumeName: 'none', path: 'p', key: 'k' } } },
      ],
      envFrom: [{}, { prefix: '=', configMapRef: { name: '' } }],
    },
    [
      'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      'spec.containers[0].env[1].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
      'spec.containers[0].env[2].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      'spec.containers[0].env[3].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      'spec.containers[0].env[4].valueFrom.secretKeyRef.key: Required value',
      'spec.containers[0].env[5].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
      'spec.containers[0].envFrom[1].prefix: Invalid value: "=": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      'spec.containers[0].envFrom[1].configMapRef.name: Required value',
      'spec.containers[0].env[6].valueFrom.fileKeyRef.volumeName: Not found: "none"',
    ],
  ],
  [
    'mounts',
    {
      volumeMounts: [
        { name: 'none', mountPath: '' },
        { name: 'vol', mountPath: '/a', subPath: '/x', subPathExpr: 'y', mountPropagation: 'Bidirectional' },
        { name: 'vol', mountPath: '/a', recursiveReadOnly: 'Enabled' },
        { name: 'vol', mountPath: '/b', bindMountOptions: ['noexec', 'rw', 'noexec'] },
      ],
      volumeDevices: [{ name: 'vol', devicePath: '../dev' }],
    },
    [
      'spec.containers[0].volumeMounts[0].name: Not found: "none"',
      'spec.containers[0].volumeMounts[0].mountPath: Required value',
      'spec.containers[0].volumeMounts[1].name: Invalid value: "vol": must not already exist in volumeDevices',
      'spec.containers[0].volumeMounts.subPath: Invalid value: "/x": must be a relative path',
      'spec.containers[0].volumeMounts[1].subPathExpr: Invalid value: "y": subPathExpr and subPath are mutually exclusive',
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
      'spec.containers[0].volumeMounts[2].mountPath: Invalid value: "/a": must be unique',
      'spec.containers[0].volumeMounts[2].name: Invalid value: "vol": must not already exist in volumeDevices',
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
      'spec.containers[0].volumeMounts[3].name: Invalid value: "vol": must not already exist in volumeDevices',
      'spec.containers[0].volumeMounts[3].bindMountOptions[1]: Unsupported value: "rw": supported values: "nodev", "noexec", "nosuid"',
      'spec.containers[0].volumeMounts[3].bindMountOptions[2]: Duplicate value: "noexec"',
      'spec.containers[0].volumeDevices[0].name: Invalid value: "vol": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "../dev": can not contain backsteps (\'..\')',
      'spec.containers[0].volumeDevices[0].name: Invalid value: "vol": must not already exist in volumeMounts',
    ],
  ],
  [
    'resources',
    {
      resources: {
        limits: { cpu: '1', 'a.io/gpu': '2', 'hugepages-2Mi': '3Mi' },
        requests: { cpu: '2', 'a.io/gpu': '1', disk: '1', memory: '-1', 'b.io/x': '1500m' },
      },
      resizePolicy: [{ resourceName: 'disk', restartPolicy: 'Never' }],
    },
    [
      'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'spec.containers[0].resources.requests: Invalid value: "1": must be equal to a.io/gpu limit of 2',
      'spec.containers[0].resources.requests[b.io/x]: Invalid value: "1500m": must be an integer',
      'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
      'spec.containers[0].resizePolicy: Unsupported value: "Never": supported values: "NotRequired", "RestartContainer"',
    ],
  ],
  [
    'handlers',
    {
      lifecycle: {
        postStart: { exec: {}, httpGet: { port: 'x' } },
        preStop: { sleep: { seconds: 31 } },
        stopSignal: 'SIGTERM',
      },
      livenessProbe: { successThreshold: 2, periodSeconds: -1 },
      readinessProbe: { grpc: { port: 0, mode: 'Open' }, terminationGracePeriodSeconds: 1 },
      startupProbe: {
        httpGet: {
          path: '',
          port: 0,
          scheme: '',
          protocol: 'HTTP2',
          httpHeaders: [{ name: ' ', value: '' }],
        },
        successThreshold: 1,
      },
    },
    [
      'spec.containers[0].lifecycle.postStart.exec.command: Required value',
      'spec.containers[0].lifecycle.postStart.httpGet: Forbidden: may not specify more than 1 handler type',
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
      'spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`',
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
      'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'spec.containers[0].readinessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.containers[0].readinessProbe.grpc.mode: Unsupported value: "Open": supported values: "Plaintext", "TLS"',
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes',
      'spec.containers[0].startupProbe.httpGet.path: Required value',
      'spec.containers[0].startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.containers[0].startupProbe.httpGet.scheme: Unsupported value: "": supported values: "HTTP", "HTTPS"',
      "spec.containers[0].startupProbe.httpGet.httpHeaders: Invalid value: \" \": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      'spec.containers[0].startupProbe.httpGet.protocol: Invalid value: "HTTP2": is only supported with HTTP (H2C)',
    ],
  ],
  [
    'security',
    { securityContext: { privileged: true, allowPrivilegeEscalation: false, procMount: 'Unmasked' } },
    [
      'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":"Unmasked","SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ],
  [
    'restart rules',
    { restartPolicyRules: [{ action: 'Restart' }] },
    [
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
    ],
  ],
])('a container, %s: rejected with every error', (_, fields, expected) => {
  const spec = podSpec({ volumes: [{ name: 'vol', emptyDir: {} }], containers: [container(fields)] });
  expect(messages(spec)).toEqual(expected);
});

test('containers of all types share their names, and init containers have no probes', () => {
  const spec = podSpec({
    initContainers: [container({ livenessProbe: { exec: { command: ['x'] }, successThreshold: 1 } })],
    ephemeralContainers: [
      { ...container({ ports: [{ containerPort: 80, protocol: 'TCP' }] }), targetContainerName: 'none' },
    ],
  });
  expect(messages(spec)).toEqual([
    'spec.initContainers[0].name: Duplicate value: "ctr"',
    'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    'spec.ephemeralContainers[0].name: Duplicate value: "ctr"',
    'spec.ephemeralContainers[0].targetContainerName: Not found: "none"',
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ]);
});
