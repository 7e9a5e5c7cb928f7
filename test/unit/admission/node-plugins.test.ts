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
    'nothing that asks for a feature': [{ object: pod({}, 2), oldObject: pod({}) }, PASSED],
    'on a node that can': [levelled('able'), PASSED],
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
    'no change of the spec': [{ object: pod(own), oldObject: pod({}) }, PASSED],
    'a missing node': [levelled('gone'), forbiddenPod('node "gone" not found')],
    'not bound yet': [levelled(''), PASSED],
    'switched off': [{ ...levelled(), disabledFeatures: ['NodeDeclaredFeatures'] }, PASSED],
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
          "node didn't have enough allocatable resources: cpu, requested: 4500, allocatable: 4000",
        ),
        causes: [{ reason: 'NodeCapacity' }],
      },
    ],
    'more of both': [
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
    'where nobody said which': [grown('2', '1Gi', 'unlabelled'), PASSED],
    'a missing node': [grown('2', '1Gi', 'gone'), forbiddenPod('node "gone" not found')],
    'nothing changed': [grown('9', '1Gi', 'n', 1), PASSED],
    'not bound yet': [grown('9', '1Gi', ''), PASSED],
    'an update': [{ ...grown('9'), subresource: '' }, PASSED],
    'switched off': [{ ...grown('9'), disabledFeatures: ['InPlacePodVerticalScaling'] }, PASSED],
  },
  { cluster },
);
