import { expect, test } from 'vitest';
import { podSecurityPolicyStrategy } from '../../../../shared/registry/policy/podsecuritypolicy/strategy.ts';
import { createCauses } from '../../../fixtures/strategy-causes.ts';

const ANY = { rule: 'RunAsAny' };
const policy = (spec: object, annotations: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'policy/v1beta1',
  kind: 'PodSecurityPolicy',
  metadata: { name: 'p', annotations },
  spec: { seLinux: ANY, runAsUser: ANY, fsGroup: ANY, supplementalGroups: ANY, ...spec },
});

const GROUP_RULES = 'supported values: "MayRunAs", "MustRunAs", "RunAsAny"';
const USER_RULES = 'supported values: "MustRunAs", "MustRunAsNonRoot", "RunAsAny"';
const VOLUMES =
  'supported values: "*", "awsElasticBlockStore", "azureDisk", "azureFile", "cephFS", "cinder", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume"';
const PATTERN =
  'must have at most 253 characters and match regex ([a-z0-9]([-_a-z0-9]*[a-z0-9])?\\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test.each<[object, string[]]>([
  [{}, []],
  [{ volumes: ['*'], allowedHostPaths: [{ pathPrefix: '/foo/' }], allowedProcMountTypes: ['Unmasked'] }, []],
  [{ runAsUser: { rule: '' } }, [`spec.runAsUser.rule: Unsupported value: "": ${USER_RULES}`]],
  [
    { runAsGroup: { rule: 'x' } },
    ['spec.runAsGroup.rule: Unsupported value: "x": supported values: "MustRunAs", "RunAsAny", "MayRunAs"'],
  ],
  [
    { seLinux: { rule: 'x' } },
    ['spec.seLinux.rule: Unsupported value: "x": supported values: "MustRunAs", "RunAsAny"'],
  ],
  [{ supplementalGroups: {} }, [`spec.supplementalGroups.rule: Unsupported value: "": ${GROUP_RULES}`]],
  [{ fsGroup: { rule: 'x' } }, [`spec.fsGroup.rule: Unsupported value: "x": ${GROUP_RULES}`]],
  [
    { runAsUser: { rule: 'MustRunAs', ranges: [{ min: -1, max: 1 }] } },
    ['spec.runAsUser.ranges[0].min: Invalid value: -1: min cannot be negative'],
  ],
  [
    {
      fsGroup: {
        rule: 'MustRunAs',
        ranges: [
          { min: 2, max: 1 },
          { min: 1, max: -10 },
        ],
      },
    },
    [
      'spec.fsGroup.ranges[0].min: Invalid value: 2: min cannot be greater than max',
      'spec.fsGroup.ranges[1].max: Invalid value: -10: max cannot be negative',
      'spec.fsGroup.ranges[1].min: Invalid value: 1: min cannot be greater than max',
    ],
  ],
  [
    { runAsGroup: { rule: 'RunAsAny', ranges: [{ min: 1, max: 2 }] } },
    ['spec.runAsGroup.ranges: Invalid value: [{"Min":1,"Max":2}]: Ranges must be empty'],
  ],
  [
    { runAsGroup: { rule: 'MayRunAs' } },
    ['spec.runAsGroup.ranges: Invalid value: null: must provide at least one range'],
  ],
  [{ volumes: ['image', 'nfs'] }, [`spec.volumes: Unsupported value: "image": ${VOLUMES}`]],
  [
    { requiredDropCapabilities: ['A', 'B'], defaultAddCapabilities: ['B'], allowedCapabilities: ['*', 'A'] },
    [
      'requiredDropCapabilities: Invalid value: ["A","B"]: must be empty when all capabilities are allowed by a wildcard',
      'defaultAddCapabilities: Invalid value: "B": capability is listed in defaultAddCapabilities and requiredDropCapabilities',
      'allowedCapabilities: Invalid value: "A": capability is listed in allowedCapabilities and requiredDropCapabilities',
    ],
  ],
  [
    { defaultAllowPrivilegeEscalation: true, allowPrivilegeEscalation: false },
    [
      'spec.defaultAllowPrivilegeEscalation: Invalid value: true: Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true',
    ],
  ],
  [{ defaultAllowPrivilegeEscalation: true }, []],
  [
    { allowedProcMountTypes: ['bogus'] },
    ['spec.allowedProcMountTypes[0]: Unsupported value: "bogus": supported values: "Default", "Unmasked"'],
  ],
  [
    { allowedHostPaths: [{ pathPrefix: '/a/../..' }, { pathPrefix: '' }, { pathPrefix: '..' }] },
    [
      'spec.allowedHostPaths[0]: Invalid value: "/a/../..": must not contain \'..\'',
      'spec.allowedHostPaths[1]: Required value: is required',
    ],
  ],
  [
    { allowedFlexVolumes: [{ driver: '' }], allowedCSIDrivers: [{ name: '' }] },
    [
      'spec.allowedFlexVolumes.allowedFlexVolumes[0].driver: Required value: must specify a driver',
      'spec.allowedCSIDrivers.allowedCSIDriver[0].name: Required value',
    ],
  ],
  [
    { allowedUnsafeSysctls: ['a.*.b', ''], forbiddenSysctls: ['*', 'kernel.sem'] },
    [
      `spec.allowedUnsafeSysctls[0]: Invalid value: "a.*.b": ${PATTERN}`,
      'spec.allowedUnsafeSysctls[1]: Invalid value: "": empty sysctl not allowed',
      "spec.forbiddenSysctls.items: Forbidden: if '*' is present, must not specify other sysctls",
      'spec.allowedUnsafeSysctls[0]: Invalid value: "a.*.b": sysctl overlaps with *',
      'spec.allowedUnsafeSysctls[1]: Invalid value: "": sysctl overlaps with *',
    ],
  ],
  [
    { forbiddenSysctls: ['kernel.*', 'net.a'], allowedUnsafeSysctls: ['kernel.shm*', 'net.*'] },
    [
      'spec.allowedUnsafeSysctls[0]: Invalid value: "kernel.shm*": sysctl overlaps with kernel.*',
      'spec.forbiddenSysctls[1]: Invalid value: "net.a": sysctl overlaps with net.*',
    ],
  ],
  [
    { runtimeClass: { allowedRuntimeClassNames: ['a', 'a', '-'], defaultRuntimeClassName: 'b' } },
    [
      'spec.runtimeClass.allowedRuntimeClassNames[1]: Duplicate value: "a"',
      `spec.runtimeClass.allowedRuntimeClassNames[2]: Invalid value: "-": ${SUBDOMAIN}`,
      'spec.runtimeClass.allowedRuntimeClassNames: Required value: default "b" must be allowed',
    ],
  ],
  [
    { runtimeClass: { allowedRuntimeClassNames: ['*', 'a'] } },
    [
      'spec.runtimeClass.allowedRuntimeClassNames: Invalid value: ["*","a"]: if \'*\' is present, must not specify other RuntimeClass names',
    ],
  ],
])('%j', async (spec, causes) => {
  expect(await createCauses(podSecurityPolicyStrategy, policy(spec))).toEqual(causes);
});

test.each<[Record<string, string>, string[]]>([
  [
    {
      'apparmor.security.beta.kubernetes.io/defaultProfileName': 'localhost/x',
      'apparmor.security.beta.kubernetes.io/allowedProfileNames': 'runtime/default,not-good',
    },
    [
      'metadata.annotations[apparmor.security.beta.kubernetes.io/allowedProfileNames]: Invalid value: "runtime/default,not-good": invalid AppArmor profile name: "not-good"',
    ],
  ],
  [
    {
      'seccomp.security.alpha.kubernetes.io/defaultProfileName': '*',
      'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*,docker/default,not-good',
    },
    [
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/defaultProfileName]: Invalid value: "*": must be a valid seccomp profile',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/allowedProfileNames]: Invalid value: "not-good": must be a valid seccomp profile',
    ],
  ],
])('annotations %j', async (annotations, causes) => {
  expect(await createCauses(podSecurityPolicyStrategy, policy({}, annotations))).toEqual(causes);
});
