import { expect, test } from 'vitest';
import { podEphemeralContainersStrategy } from '../../../../shared/registry/core/pod/ephemeral-containers-strategy.ts';
import { podResizeStrategy } from '../../../../shared/registry/core/pod/resize-strategy.ts';
import { podStatusStrategy } from '../../../../shared/registry/core/pod/status-strategy.ts';
import { podStrategy } from '../../../../shared/registry/core/pod/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const POD_UPDATES =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const container = (fields: object = {}) => ({ name: 'a', image: 'a:1', ...fields });
const pod = (spec: object = {}, metadata: object = {}, status: object = {}) =>
  of('Pod', { metadata, spec: { containers: [container()], ...spec }, status });
const sized = (resources: object, more: object = {}, status: object = {}) =>
  pod({ containers: [container({ resources })], ...more }, {}, status);
const MIRROR = { 'kubernetes.io/config.mirror': 'x' };
const GATES = [{ name: 'a.b/c' }, { name: 'd.e/f' }];
const affinity = (...terms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
});
const onA = { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] };
const onAB = { matchExpressions: [...onA.matchExpressions, { key: 'b', operator: 'Exists' }] };

const CLAIMS = 'status.nodeAllocatableResourceClaimStatuses';
const claimed = (mapping: object[], overhead: object[] = [], resourceClaimName = 'c') =>
  pod(
    { resourceClaims: [{ name: 'a', resourceClaimName: 'c' }] },
    {},
    { nodeAllocatableResourceClaimStatuses: [{ resourceClaimName, mapping, overhead }] },
  );

test.each<[string, Manifest, string[]]>([
  [
    'quantities of node-allocatable resources',
    claimed(
      [
        { name: 'cpu', quantity: '1' },
        { name: 'hugepages-2Mi', quantity: '2Mi' },
      ],
      [{ name: 'memory', perPod: '1Mi' }],
    ),
    [],
  ],
  [
    'unknown resources and negative quantities',
    claimed(
      [
        { name: 'a.b/c', quantity: '-1' },
        { name: 'ephemeral-storage', quantity: '1' },
      ],
      [{ name: 'cpu' }, { name: 'x', perPod: '-1Gi', perContainer: '-500Mi' }],
    ),
    [
      `${CLAIMS}[0].mapping[0].name: Invalid value: "a.b/c": must be a node allocatable resource name`,
      `${CLAIMS}[0].mapping[0].quantity: Invalid value: "-1": must be non-negative`,
      `${CLAIMS}[0].mapping[1].name: Invalid value: "ephemeral-storage": must be a node allocatable resource name`,
      `${CLAIMS}[0].overhead[0]: Invalid value: "": at least one of perPod or perContainer must be set`,
      `${CLAIMS}[0].overhead[1].name: Invalid value: "x": must be a node allocatable resource name`,
      `${CLAIMS}[0].overhead[1].perPod: Invalid value: "-1Gi": must be non-negative`,
      `${CLAIMS}[0].overhead[1].perContainer: Invalid value: "-500Mi": must be non-negative`,
    ],
  ],
  [
    "a claim that isn't in the pod",
    claimed([], [], 'd'),
    [`${CLAIMS}[0].resourceClaimName: Invalid value: "d": no mapping found in pod reference`],
  ],
  [
    'the health of volumes',
    pod(
      { volumes: [{ name: 'v', emptyDir: {} }] },
      {},
      {
        volumeHealth: [
          {
            name: 'v',
            healthConditions: [
              { status: 'DataLoss', reason: 'Gone' },
              { status: 'DataLoss', reason: 'Gone' },
              { status: 'Fine', reason: 'not one word', message: 'x'.repeat(1025) },
              { status: '', reason: '' },
            ],
          },
          { name: 'w' },
        ],
      },
    ),
    [
      "status.volumeHealth[0].healthConditions[2].reason: Invalid value: \"not one word\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
      'status.volumeHealth[1].name: Not found: "w"',
      'status.volumeHealth[0].healthConditions[1]: Duplicate value: {"status":"DataLoss","reason":"Gone"}',
      'status.volumeHealth[0].healthConditions[2].status: Unsupported value: "Fine": supported values: "DataLoss", "Degraded", "Inaccessible"',
      'status.volumeHealth[0].healthConditions[2].message: Too long: may not be more than 1024 bytes',
      'status.volumeHealth[0].healthConditions[3].status: Required value',
      'status.volumeHealth[0].healthConditions[3].reason: Required value',
    ],
  ],
  [
    'images of volumes',
    pod(
      {},
      {},
      {
        containerStatuses: [
          {
            name: 'a',
            volumeMounts: ['', 'x'.repeat(257), 'x'].map((imageRef) => ({
              name: 'v',
              mountPath: '/v',
              volumeStatus: { image: { imageRef } },
            })),
          },
        ],
      },
    ),
    [
      'status.containerStatuses[0].volumeMounts[0].volumeStatus.imageVolumeStatus.imageRef: Required value: imageRef must not be empty',
      'status.containerStatuses[0].volumeMounts[1].volumeStatus.imageVolumeStatus.imageRef: Too long: may not be more than 256 bytes',
    ],
  ],
])('pod status behind gates: %s', async (_, to, causes) => {
  const features = ['DRANodeAllocatableResources', 'ImageVolumeWithDigest', 'CSIVolumeHealth'];
  const { spec, metadata } = to as { spec?: object; metadata?: object };
  const from = { ...to, spec, metadata, status: {} } as Manifest;
  expect(await updateCauses(podStatusStrategy, { from, to }, { features })).toEqual(causes);
});

const MAPPINGS = 'status.extendedResourceClaimStatus.requestMappings';
const NO_REQUEST =
  'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';

test.each<[string, Manifest, string[]]>([
  ['a pod', pod(), []],
  [
    'an unknown operator of tolerations',
    pod({
      tolerations: [
        { key: 'a', operator: 'Odd' },
        { operator: 'Equal' },
        { key: 'b', operator: 'Exists', value: 'c' },
        { key: 'd', effect: 'NoExecute', tolerationSeconds: 5 },
        { key: 'e', effect: 'NoSchedule', tolerationSeconds: 5 },
      ],
    }),
    [
      'spec.tolerations[0].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
      'spec.tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      'spec.tolerations[2].operator: Invalid value: "c": value must be empty when `operator` is \'Exists\'',
      'spec.tolerations[4].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
  ],
  [
    'host ports without host network',
    pod({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80, hostPort: 81 }] })] }),
    [
      'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
    ],
  ],
  [
    'a duplicate port',
    pod({
      containers: [
        container({
          ports: [
            { containerPort: 80, hostPort: 80 },
            { containerPort: 81, hostPort: 80 },
          ],
        }),
      ],
    }),
    ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    'static pods',
    pod({ nodeName: '' }, { annotations: MIRROR }),
    [
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
    ],
  ],
  [
    'ephemeral containers from the start',
    pod({ ephemeralContainers: [{ name: 'b', image: 'b' }] }),
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
  [
    'gates of a pod on a node',
    pod({ nodeName: 'n', schedulingGates: GATES }),
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [
    'a deletion cost',
    pod({}, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'x' } }),
    [
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "x": must be a 32bit integer',
    ],
  ],
])('pod, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(podStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  ['nothing', pod(), pod(), []],
  [
    'images',
    pod({ initContainers: [container({ name: 'i' })] }),
    pod({
      initContainers: [container({ name: 'i', image: 'i:2' })],
      containers: [container({ image: 'a:2' })],
    }),
    [],
  ],
  [
    'no image',
    pod(),
    pod({ containers: [container({ image: '' })] }),
    ['spec.containers[0].image: Required value'],
  ],
  [
    'another container',
    pod(),
    pod({ containers: [container(), container({ name: 'b' })] }),
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  ['a deadline where none was set', pod(), pod({ activeDeadlineSeconds: 5 }), []],
  [
    'a longer deadline',
    pod({ activeDeadlineSeconds: 5 }),
    pod({ activeDeadlineSeconds: 6 }),
    ['spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value'],
  ],
  [
    'removal of the deadline',
    pod({ activeDeadlineSeconds: 5 }),
    pod(),
    ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  ],
  [
    'a bad deadline',
    pod(),
    pod({ activeDeadlineSeconds: -1 }),
    [
      'spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive',
      'spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'a toleration more',
    pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }),
    pod({
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'Exists' },
      ],
    }),
    [],
  ],
  [
    'a toleration less',
    pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }),
    pod(),
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  ],
  [
    'a grace period of zero',
    pod({ terminationGracePeriodSeconds: 0 }),
    pod({ terminationGracePeriodSeconds: 1 }),
    [
      `spec: Forbidden: ${POD_UPDATES}
@@ -36,7 +36,7 @@
  ],
  "EphemeralContainers": null,
  "RestartPolicy": "Always",
- "TerminationGracePeriodSeconds": 0,
+ "TerminationGracePeriodSeconds": 1,
  "ActiveDeadlineSeconds": null,
  "DNSPolicy": "ClusterFirst",
  "NodeSelector": null,
`,
    ],
  ],
  ['a gate less', pod({ schedulingGates: GATES }), pod({ schedulingGates: GATES.slice(1) }), []],
  [
    'a gate more',
    pod({ schedulingGates: GATES.slice(1) }),
    pod({ schedulingGates: GATES }),
    [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a.b/c'",
    ],
  ],
  [
    "a gated pod's narrower node selection",
    pod({ schedulingGates: GATES, affinity: affinity(onA), nodeSelector: { a: 'b' } }),
    pod({ schedulingGates: GATES, affinity: affinity(onAB), nodeSelector: { a: 'b', c: 'd' } }),
    [],
  ],
  [
    "a gated pod's wider node selection",
    pod({ schedulingGates: GATES, affinity: affinity(onAB), nodeSelector: { a: 'b' } }),
    pod({ schedulingGates: GATES, affinity: affinity(onA), nodeSelector: {} }),
    [
      'spec.nodeSelector: Invalid value: null: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"a","Operator":"In","Values":["b"]}],"MatchFields":null}: only additions are allowed (no mutations or deletions)',
    ],
  ],
  [
    'node selector of a scheduled pod',
    pod({ nodeSelector: { a: 'b' } }),
    pod({ nodeSelector: { a: 'b', c: 'd' } }),
    [
      `spec: Forbidden: ${POD_UPDATES}
@@ -40,7 +40,8 @@
  "ActiveDeadlineSeconds": null,
  "DNSPolicy": "ClusterFirst",
  "NodeSelector": {
-  "a": "b"
+  "a": "b",
+  "c": "d"
  },
  "ServiceAccountName": "",
  "DeprecatedServiceAccount": "",
`,
    ],
  ],
  [
    'static pods become ordinary pods',
    pod({}, { annotations: MIRROR }),
    pod(),
    [
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation',
    ],
  ],
  [
    'resources',
    pod(),
    sized({ requests: { cpu: '1' } }),
    [
      `spec: Forbidden: ${POD_UPDATES}
@@ -13,7 +13,9 @@
    "Env": null,
    "Resources": {
     "Limits": null,
-    "Requests": null,
+    "Requests": {
+     "cpu": "1"
+    },
     "Claims": null
    },
    "ResizePolicy": null,
`,
    ],
  ],
])('pod, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(podStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'addresses',
    pod(),
    pod(
      {},
      {},
      { podIPs: [{ ip: 'x' }, { ip: '10.0.0.1' }, { ip: '10.0.0.1' }], hostIP: 'y', hostIPs: [{ ip: 'z' }] },
    ),
    [
      'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.podIPs: Internal error: failed to check for dual stack with error:invalid IP[0]: x',
      'status.podIPs: Invalid value: [{"IP":"x"},{"IP":"10.0.0.1"},{"IP":"10.0.0.1"}]: may specify no more than one IP for each IP family',
      'status.hostIPs[0].ip: Invalid value: "z": must be equal to `hostIP`',
      'status.hostIPs[0]: Invalid value: "z": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'addresses of both families',
    pod(),
    pod(
      {},
      {},
      { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '10.1.0.1', hostIPs: [{ ip: '10.1.0.1' }] },
    ),
    [],
  ],
  [
    'the nominated node',
    pod(),
    pod({}, {}, { nominatedNodeName: 'A_' }),
    [`status.nominatedNodeName: Invalid value: "A_": ${SUBDOMAIN}`],
  ],
  [
    'conditions',
    pod(),
    pod(
      {},
      {},
      {
        conditions: [
          { type: 'A b', status: 'True' },
          { type: 'kubernetes.io/Ready', status: 'True' },
        ],
      },
    ),
    [`status.conditions[0].Type: Invalid value: "A b": ${NAME_PART}`],
  ],
  [
    'a terminated container runs again',
    pod({}, {}, { containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 0 } } }] }),
    pod({}, {}, { containerStatuses: [{ name: 'a', state: { running: {} } }] }),
    [],
  ],
  [
    'a terminated container runs again, against its restart policy',
    pod(
      { restartPolicy: 'Never' },
      {},
      { containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 1 } } }] },
    ),
    pod({ restartPolicy: 'Never' }, {}, { containerStatuses: [{ name: 'a', state: { running: {} } }] }),
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'the QoS class',
    pod({}, {}, { qosClass: 'BestEffort' }),
    pod({}, {}, { qosClass: 'Guaranteed' }),
    ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  ],
  [
    'a duplicate resource request of a container, and a different one',
    pod(),
    pod(
      {},
      {},
      {
        extendedResourceClaimStatus: {
          requestMappings: [
            { containerName: 'a', resourceName: 'a.b/c', requestName: 'r-0' },
            { containerName: 'a', resourceName: 'a.b/c', requestName: 'r-0' },
            { containerName: 'a', resourceName: 'a.b/c', requestName: 'r-1' },
          ],
          resourceClaimName: 'x',
        },
      },
    ),
    [
      `${MAPPINGS}[0].resourceName: Invalid value: "a.b/c": ${NO_REQUEST}`,
      `${MAPPINGS}[1].resourceName: Invalid value: "a.b/c": ${NO_REQUEST}`,
      `${MAPPINGS}[1].containerName: Duplicate value: "a"`,
      `${MAPPINGS}[1].resourceName: Duplicate value: "a.b/c"`,
      `${MAPPINGS}[1].requestName: Duplicate value: "r-0"`,
      `${MAPPINGS}[2].resourceName: Invalid value: "a.b/c": ${NO_REQUEST}`,
    ],
  ],
])('pod status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(podStatusStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'more CPU and memory',
    sized({ requests: { cpu: '1', memory: '1Gi' } }),
    sized({ requests: { cpu: '2', memory: '2Gi' } }),
    [],
  ],
  [
    'another QoS class',
    sized({ requests: { cpu: '1' } }),
    sized({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }),
    ['spec: Invalid value: "": Pod QOS Class may not change as a result of resizing'],
  ],
  [
    'removal of a request',
    sized({ requests: { cpu: '1', memory: '1Gi' } }),
    sized({ requests: { cpu: '1' } }),
    ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
  ],
  [
    'another resource',
    sized({ requests: { cpu: '1' } }),
    sized({ requests: { cpu: '1', 'ephemeral-storage': '1Gi' } }),
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'pod-level resources',
    sized({ requests: { cpu: '1' } }, { resources: { requests: { cpu: '2' } } }),
    sized({ requests: { cpu: '2' } }, { resources: { requests: { cpu: '2' } } }),
    [],
  ],
  [
    'removal of a pod-level request',
    sized({}, { resources: { requests: { cpu: '2', memory: '1Gi' } } }),
    sized({}, { resources: { requests: { cpu: '3' } } }),
    ['spec.resources.requests: Forbidden: pod-level resource requests cannot be removed'],
  ],
  [
    'pod-level resources where none were set',
    sized({ requests: { cpu: '1' } }),
    sized({ requests: { cpu: '1' } }, { resources: { requests: { cpu: '2' } } }),
    [],
  ],
  [
    'windows',
    sized({ requests: { cpu: '1' } }, { os: { name: 'windows' }, securityContext: {} }),
    sized({ requests: { cpu: '2' } }, { os: { name: 'windows' }, securityContext: {} }),
    ['[]: Forbidden: windows pods cannot be resized'],
  ],
  [
    'a container more',
    sized({ requests: { cpu: '1' } }),
    pod({ containers: [container(), container({ name: 'b' })] }),
    [
      'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ],
  ],
  [
    'init containers without restart policy Always',
    pod({ initContainers: [container({ name: 'i', resources: { requests: { cpu: '1' } } })] }),
    pod({ initContainers: [container({ name: 'i', resources: { requests: { cpu: '2' } } })] }),
    [],
  ],
])('pod resize, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(podResizeStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  ['an added container', pod(), pod({ ephemeralContainers: [{ name: 'b', image: 'b:1' }] }), []],
  [
    'a changed container',
    pod({ ephemeralContainers: [{ name: 'b', image: 'b:1' }] }),
    pod({ ephemeralContainers: [{ name: 'b', image: 'b:2' }] }),
    [
      `spec.ephemeralContainers: Forbidden: existing ephemeral containers "b" may not be changed
@@ -1,6 +1,6 @@
 {
  "Name": "b",
- "Image": "b:1",
+ "Image": "b:2",
  "Command": null,
  "Args": null,
  "WorkingDir": "",
`,
    ],
  ],
  [
    'a duplicate name',
    pod(),
    pod({
      ephemeralContainers: [
        { name: 'a', image: 'b:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } },
      ],
    }),
    [
      'spec.ephemeralContainers[0].name: Duplicate value: "a"',
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ],
  [
    'of a static pod',
    pod({}, { annotations: MIRROR }),
    pod({ ephemeralContainers: [{ name: 'b', image: 'b:1' }] }, { annotations: MIRROR }),
    ['[]: Forbidden: static pods do not support ephemeral containers'],
  ],
])('pod ephemeral containers, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(podEphemeralContainersStrategy, { from, to })).toEqual(causes);
});
