import { nodeDeclaredFeatureValidator } from '../../../shared/admission/plugins/node-declared-feature-validator.ts';
import { podResizeValidator } from '../../../shared/admission/plugins/pod-resize-validator.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const container = (cpu: string, memory = '1Gi') => ({
  name: 'a',
  image: 'a',
  resources: { requests: { cpu, memory }, limits: { cpu, memory } },
});
const pod = (spec: object, generation = 1, nodeName: string | undefined = 'n') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', generation },
  spec: { nodeName, containers: [container('1')], ...spec },
  status: { qosClass: 'Guaranteed' },
});
const node = (name: string, declaredFeatures: string[], os = 'linux') => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/os': os } },
  status: { declaredFeatures, allocatable: { cpu: '4', memory: '8Gi' } },
});
const cluster = [
  node('n', []),
  node('able', ['InPlacePodLevelResourcesVerticalScaling']),
  node('windows', [], 'windows'),
  { ...node('unlabelled', []), metadata: { name: 'unlabelled' } },
];
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);

const own = { resources: { requests: { cpu: '3' } } };
const levelled = (nodeName?: string) => ({
  object: pod(own, 2, nodeName),
  oldObject: pod({}, 1, nodeName),
});
describePlugin(
  nodeDeclaredFeatureValidator,
  {
    'a pod without required features': [{ object: pod({}, 2), oldObject: pod({}) }, PASSED],
    'on a node with the feature': [levelled('able'), PASSED],
    "the pod's own resources": [
      levelled(),
      forbiddenPod(
        'pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "n"',
      ),
    ],
    several: [
      {
        object: pod({ ...own, initContainers: [container('2')] }, 2),
        oldObject: pod({ initContainers: [container('1')] }),
        subresource: 'resize',
      },
      forbiddenPod(
        'pod update requires features InPlacePodLevelResourcesVerticalScaling, InPlacePodVerticalScalingInitContainers which are not available on node "n"',
      ),
    ],
    'a sidecar': [
      {
        object: pod({ initContainers: [{ ...container('2'), restartPolicy: 'Always' }] }, 2),
        oldObject: pod({ initContainers: [{ ...container('1'), restartPolicy: 'Always' }] }),
      },
      PASSED,
    ],
    'an unchanged spec': [{ object: pod(own), oldObject: pod({}) }, PASSED],
    'a missing node': [levelled('gone'), forbiddenPod('node "gone" not found')],
    'not bound yet': [levelled(''), PASSED],
    'switched off': [{ ...levelled(), disabledFeatures: ['NodeDeclaredFeatures'] }, PASSED],
  },
  { cluster },
);

const inMemory = (sizeLimit: string, medium = 'Memory') => ({
  volumes: [{ name: 'v', emptyDir: { medium, sizeLimit } }],
});
describePlugin(
  nodeDeclaredFeatureValidator,
  {
    'a larger volume in memory': [
      { object: pod(inMemory('2Gi'), 2), oldObject: pod(inMemory('1Gi')), subresource: 'resize' },
      forbiddenPod(
        'pod update requires features InPlacePodVerticalScalingMemoryBackedVolumes which are not available on node "n"',
      ),
    ],
    'the same size in another notation': [
      { object: pod(inMemory('1024Mi'), 2), oldObject: pod(inMemory('1Gi')), subresource: 'resize' },
      PASSED,
    ],
    'a larger volume on a disk': [
      { object: pod(inMemory('2Gi', ''), 2), oldObject: pod(inMemory('1Gi', '')), subresource: 'resize' },
      PASSED,
    ],
  },
  { cluster },
);

const allocating = node('allocating', ['DRANodeAllocatableResources']);
const slice = (spec: object, device: object = {}) => ({
  object: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: 's' },
    spec: {
      driver: 'a.b',
      pool: { name: 'p', resourceSliceCount: 1 },
      devices: [
        { name: 'plain' },
        { name: 'd', nodeAllocatableResources: { cpu: { mapping: { capacityKey: 'a.b/c' } } }, ...device },
      ],
      ...spec,
    },
  },
});
const selector = (field: string, operator: string, ...values: string[]) => ({
  nodeSelector: { nodeSelectorTerms: [{}, { [field]: [{ key: 'metadata.name', operator, values }] }] },
});
const forbiddenSlice = (why: string) =>
  refused(`403 Forbidden: resourceslices.resource.k8s.io "s" is forbidden: ${why}`);
const unsupported = (name: string) =>
  forbiddenSlice(`node "${name}" does not support DRANodeAllocatableResources feature`);
describePlugin(
  nodeDeclaredFeatureValidator,
  {
    'a device on a node with the feature': [slice({ nodeName: 'allocating' }), PASSED],
    'on a node without the feature': [slice({ nodeName: 'n' }), unsupported('n')],
    'on a missing node': [
      slice({ nodeName: 'gone' }),
      forbiddenSlice('node "gone" not found for device "d"'),
    ],
    'on every node': [slice({ allNodes: true }), unsupported('able')],
    'on nodes by a field': [slice(selector('matchFields', 'In', 'allocating')), PASSED],
    'on other nodes by a field': [slice(selector('matchFields', 'NotIn', 'able')), unsupported('n')],
    'on nodes by an unmatched label': [slice(selector('matchExpressions', 'Exists')), PASSED],
    'on a node of its own': [
      slice({ perDeviceNodeSelection: true, nodeName: 'allocating' }, { nodeName: 'n' }),
      unsupported('n'),
    ],
    'on no node': [
      slice({ perDeviceNodeSelection: true, nodeName: 'allocating' }),
      forbiddenSlice(
        'device "d" in ResourceSlice has NodeAllocatableResources but does not map to any nodes',
      ),
    ],
    'while no node has the feature': [
      { ...slice({ nodeName: 'gone' }), disabledFeatures: ['DRANodeAllocatableResources'] },
      PASSED,
    ],
  },
  { cluster: [...cluster.slice(0, 2), allocating] },
);

const grown = (cpu: string, memory?: string, nodeName = 'n', generation = 2) => ({
  object: pod({ containers: [container(cpu, memory)] }, generation, nodeName),
  oldObject: pod({}, 1, nodeName),
  subresource: 'resize',
});
describePlugin(
  podResizeValidator,
  {
    "resources within the node's capacity": [grown('4', '8Gi'), PASSED],
    'more CPU': [
      grown('4500m'),
      {
        ...forbiddenPod(
          "node didn't have enough allocatable resources: cpu, requested: 4500, allocatable: 4000",
        ),
        causes: [{ reason: 'NodeCapacity' }],
      },
    ],
    'more CPU and memory': [
      grown('5', '9Gi'),
      {
        ...forbiddenPod(
          "node didn't have enough allocatable resources: cpu, requested: 5000, allocatable: 4000; memory, requested: 9663676416, allocatable: 8589934592",
        ),
        causes: [{ reason: 'NodeCapacity' }],
      },
    ],
    'on Windows': [
      grown('2', '1Gi', 'windows'),
      {
        ...forbiddenPod('pod resize is only supported on linux nodes, node "windows" is "windows"'),
        causes: [{ reason: 'UnsupportedPlatform' }],
      },
    ],
    'a node without an operating system label': [grown('2', '1Gi', 'unlabelled'), PASSED],
    'a missing node': [grown('2', '1Gi', 'gone'), forbiddenPod('node "gone" not found')],
    'an unchanged pod': [grown('9', '1Gi', 'n', 1), PASSED],
    'not bound yet': [grown('9', '1Gi', ''), PASSED],
    'an update': [{ ...grown('9'), subresource: '' }, PASSED],
    'switched off': [{ ...grown('9'), disabledFeatures: ['InPlacePodVerticalScaling'] }, PASSED],
  },
  { cluster },
);
