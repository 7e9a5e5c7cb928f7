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
  node('able', ['GuaranteedQoSPodCPUResize', 'InPlacePodLevelResourcesVerticalScaling']),
  node('windows', [], 'windows'),
];
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);

const resized = (nodeName?: string) => ({
  object: pod({ containers: [container('2')] }, 2, nodeName),
  oldObject: pod({}, 1, nodeName),
  subresource: 'resize',
});
const levelled = (nodeName?: string) => ({
  object: pod({ resources: { requests: { cpu: '3' } } }, 2, nodeName),
  oldObject: pod({}, 1, nodeName),
});
describePlugin(
  nodeDeclaredFeatureValidator,
  {
    'nothing that asks for a feature': [{ object: pod({}), oldObject: pod({}) }, PASSED],
    'CPUs of a guaranteed pod': [
      resized(),
      forbiddenPod(
        'pod update requires features GuaranteedQoSPodCPUResize which are not available on node "n"',
      ),
    ],
    'on a node that can': [resized('able'), PASSED],
    "the pod's own resources": [
      levelled(),
      forbiddenPod(
        'pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "n"',
      ),
    ],
    several: [
      {
        object: pod({ containers: [container('2')], initContainers: [container('2')] }),
        oldObject: pod({ initContainers: [container('1')] }),
      },
      forbiddenPod(
        'pod update requires features GuaranteedQoSPodCPUResize, InPlacePodVerticalScalingInitContainers which are not available on node "n"',
      ),
    ],
    'a missing node': [resized('gone'), forbiddenPod('node "gone" not found')],
    'not bound yet': [resized(''), PASSED],
    'switched off': [{ ...resized(), disabledFeatures: ['NodeDeclaredFeatures'] }, PASSED],
  },
  { cluster },
);

const grown = (cpu: string, memory?: string, nodeName = 'n', generation = 2) => ({
  object: pod({ containers: [container(cpu, memory)] }, generation, nodeName),
  oldObject: pod({}, 1, nodeName),
  subresource: 'resize',
});
describePlugin(
  podResizeValidator,
  {
    'what the node can give': [grown('4', '8Gi'), PASSED],
    'more CPU': [
      grown('4500m'),
      {
        ...forbiddenPod(
          "Node didn't have enough allocatable resources: cpu, requested: 4500, allocatable: 4000",
        ),
        causes: [
          {
            reason: 'NodeCapacity',
            message: "Node didn't have enough allocatable resources: cpu, requested: 4500, allocatable: 4000",
          },
        ],
      },
    ],
    'more of both': [
      grown('5', '9Gi'),
      {
        ...forbiddenPod(
          "Node didn't have enough allocatable resources: cpu, requested: 5000, allocatable: 4000; memory, requested: 9663676416, allocatable: 8589934592",
        ),
        causes: [
          {
            reason: 'NodeCapacity',
            message:
              "Node didn't have enough allocatable resources: cpu, requested: 5000, allocatable: 4000; memory, requested: 9663676416, allocatable: 8589934592",
          },
        ],
      },
    ],
    'on Windows': [
      grown('2', '1Gi', 'windows'),
      {
        ...forbiddenPod('pod resize is only supported on linux nodes, node "windows" is "windows"'),
        causes: [
          {
            reason: 'UnsupportedPlatform',
            message: 'pod resize is only supported on linux nodes, node "windows" is "windows"',
          },
        ],
      },
    ],
    'a missing node': [grown('2', '1Gi', 'gone'), forbiddenPod('node "gone" not found')],
    'nothing changed': [grown('9', '1Gi', 'n', 1), PASSED],
    'not bound yet': [grown('9', '1Gi', ''), PASSED],
    'an update': [{ ...grown('9'), subresource: '' }, PASSED],
    'switched off': [{ ...grown('9'), disabledFeatures: ['InPlacePodVerticalScaling'] }, PASSED],
  },
  { cluster },
);
