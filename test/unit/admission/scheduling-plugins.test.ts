import { podGroupProtection } from '../../../shared/admission/plugins/pod-group-protection.ts';
import { podNodeSelector } from '../../../shared/admission/plugins/pod-node-selector.ts';
import { podTolerationRestriction } from '../../../shared/admission/plugins/pod-toleration-restriction.ts';
import { podTopologyLabels } from '../../../shared/admission/plugins/pod-topology-labels.ts';
import { priority } from '../../../shared/admission/plugins/priority.ts';
import { runtimeClass } from '../../../shared/admission/plugins/runtime-class.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const pod = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', ...metadata },
  spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
});
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);

const priorityClass = (name: string, value: number, rest: object = {}) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...rest,
});
const classes = [priorityClass('high', 1000, { preemptionPolicy: 'Never' }), priorityClass('low', -5)];
const withDefault = [...classes, priorityClass('usual', 10, { globalDefault: true })];
describePlugin(
  priority,
  {
    'no class, and no default': [
      { object: pod() },
      { changes: { 'spec.priority': 0, 'spec.preemptionPolicy': 'PreemptLowerPriority' } },
    ],
    'no class, and a default': [
      { object: pod(), cluster: withDefault },
      {
        changes: {
          'spec.priorityClassName': 'usual',
          'spec.priority': 10,
          'spec.preemptionPolicy': 'PreemptLowerPriority',
        },
      },
    ],
    'no class, and two defaults by accident': [
      { object: pod(), cluster: [...withDefault, priorityClass('lower', 3, { globalDefault: true })] },
      {
        changes: {
          'spec.priorityClassName': 'lower',
          'spec.priority': 3,
          'spec.preemptionPolicy': 'PreemptLowerPriority',
        },
      },
    ],
    'a class': [
      { object: pod({ priorityClassName: 'high' }) },
      { changes: { 'spec.priority': 1000, 'spec.preemptionPolicy': 'Never' } },
    ],
    'a missing class': [
      { object: pod({ priorityClassName: 'gone' }) },
      forbiddenPod('no PriorityClass with name gone was found'),
    ],
    'another value': [
      { object: pod({ priorityClassName: 'low', priority: 7 }) },
      forbiddenPod(
        'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed -5 from the given PriorityClass name',
      ),
    ],
    'another policy': [
      { object: pod({ priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' }) },
      {
        ...forbiddenPod(
          'the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
        ),
        changes: { 'spec.priority': 1000 },
      },
    ],
    "an update by a client that doesn't know the field": [
      { object: pod(), oldObject: pod({ priority: 3 }) },
      { changes: { 'spec.priority': 3 } },
    ],
    'a first default': [{ object: priorityClass('new', 1, { globalDefault: true }) }, PASSED],
    'a second default': [
      { object: priorityClass('new', 1, { globalDefault: true }), cluster: withDefault },
      refused(
        '403 Forbidden: priorityclasses.scheduling.k8s.io "new" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
      ),
    ],
    "a second default's policy": [
      {
        object: pod({ priority: 1000 }),
        oldObject: pod({ priority: 1000, preemptionPolicy: 'Never' }),
      },
      { changes: { 'spec.preemptionPolicy': 'Never' } },
    ],
    'an update of the default': [
      {
        object: priorityClass('usual', 10, { globalDefault: true, description: 'x' }),
        oldObject: priorityClass('usual', 10, { globalDefault: true }),
        cluster: withDefault,
      },
      PASSED,
    ],
    'a delete': [{ oldObject: priorityClass('usual', 10, { globalDefault: true }) }, PASSED],
  },
  { cluster: classes },
);

const runtime = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'vm' },
  handler: 'vm',
  overhead: { podFixed: { cpu: '100m', memory: '64Mi' } },
  scheduling: {
    nodeSelector: { vm: 'yes' },
    tolerations: [{ key: 'vm', operator: 'Exists', effect: 'NoSchedule' }],
  },
};
const plain = { ...runtime, metadata: { name: 'plain' }, overhead: undefined, scheduling: undefined };
const vm = (spec: object = {}) => pod({ runtimeClassName: 'vm', ...spec });
const toleration = { key: 'vm', operator: 'Exists', effect: 'NoSchedule' };
describePlugin(
  runtimeClass,
  {
    'no class': [{ object: pod() }, PASSED],
    'a class without requirements': [{ object: pod({ runtimeClassName: 'plain' }) }, PASSED],
    'a class with overhead and its own nodes': [
      { object: vm() },
      {
        changes: {
          'spec.overhead': { cpu: '100m', memory: '64Mi' },
          'spec.nodeSelector': { vm: 'yes' },
          'spec.tolerations': [toleration],
        },
      },
    ],
    'a pod with the same values': [
      {
        object: vm({
          overhead: { memory: '64Mi', cpu: '0.1' },
          nodeSelector: { vm: 'yes', disk: 'ssd' },
          tolerations: [{ operator: 'Exists' }],
        }),
      },
      PASSED,
    ],
    'another overhead': [
      { object: vm({ overhead: { cpu: '1' } }) },
      forbiddenPod("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
    ],
    'another node': [
      { object: vm({ nodeSelector: { vm: 'no' }, overhead: runtime.overhead.podFixed }) },
      forbiddenPod(
        'conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
      ),
    ],
    'overhead without a class': [
      { object: pod({ overhead: { cpu: '1' } }) },
      forbiddenPod('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'),
    ],
    'a missing class': [
      { object: pod({ runtimeClassName: 'gone' }) },
      forbiddenPod('pod rejected: RuntimeClass "gone" not found'),
    ],
    'an update': [{ object: vm(), oldObject: vm() }, PASSED],
  },
  { cluster: [runtime, plain] },
);

const namespace = (annotations: object = {}, name = 'ns') => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, annotations },
});
const SELECTOR = 'scheduler.alpha.kubernetes.io/node-selector';
const selecting = (text: string) => [namespace({ [SELECTOR]: text })];
const configuration = {
  podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'env=prod', ns: 'env=prod,zone=a,disk=ssd' },
};
describePlugin(
  podNodeSelector,
  {
    'no selectors': [{ object: pod({ nodeSelector: { a: 'b' } }) }, PASSED],
    'of the namespace': [
      { object: pod({ nodeSelector: { disk: 'ssd' } }), cluster: selecting('zone=a') },
      { changes: { 'spec.nodeSelector.zone': 'a' } },
    ],
    'of the cluster': [
      { object: pod(), configuration },
      { changes: { 'spec.nodeSelector': { env: 'prod' } } },
    ],
    "an empty annotation takes precedence over the cluster's": [
      { object: pod(), configuration, cluster: selecting('') },
      PASSED,
    ],
    'a conflict': [
      { object: pod({ nodeSelector: { zone: 'b' } }), cluster: selecting('zone=a') },
      forbiddenPod('pod node label selector conflicts with its namespace node label selector'),
    ],
    'outside the allowed labels': [
      { object: pod({ nodeSelector: { gpu: 'yes' } }), configuration },
      {
        ...forbiddenPod('pod node label selector labels conflict with its namespace whitelist'),
        changes: { 'spec.nodeSelector.env': 'prod' },
      },
    ],
    'within the allowed labels': [
      { object: pod({ nodeSelector: { disk: 'ssd' } }), configuration },
      { changes: { 'spec.nodeSelector.env': 'prod' } },
    ],
    'an invalid selector': [
      { object: pod(), cluster: selecting('zone in (a),x') },
      forbiddenPod('invalid selector: [zone in (a) x]'),
    ],
    'no namespace': [{ object: pod(), cluster: [] }, refused('404 NotFound: namespaces "ns" not found')],
  },
  { cluster: [namespace()] },
);

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const dedicated = { key: 'dedicated', operator: 'Equal', value: 'team', effect: 'NoSchedule' };
const pressure = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };
const burstable = {
  containers: [{ name: 'a', image: 'a', resources: { requests: { cpu: '1' } } }],
};
describePlugin(
  podTolerationRestriction,
  {
    'no tolerations': [{ object: pod() }, PASSED],
    'a pod with resource requests': [
      { object: pod(burstable) },
      { changes: { 'spec.tolerations': [pressure] } },
    ],
    'of the namespace': [
      { object: pod(), cluster: [namespace({ [DEFAULTS]: JSON.stringify([dedicated]) })] },
      { changes: { 'spec.tolerations': [dedicated] } },
    ],
    'of the cluster': [
      { object: pod(), configuration: { default: [dedicated] } },
      { changes: { 'spec.tolerations': [dedicated] } },
    ],
    'a namespace with an empty default': [
      { object: pod(), configuration: { default: [dedicated] }, cluster: [namespace({ [DEFAULTS]: '' })] },
      PASSED,
    ],
    'a wider toleration of the pod': [
      {
        object: pod({ tolerations: [{ key: 'dedicated', operator: 'Exists' }] }),
        cluster: [namespace({ [DEFAULTS]: JSON.stringify([dedicated]) })],
      },
      PASSED,
    ],
    'not allowed': [
      {
        object: pod({ tolerations: [{ operator: 'Exists' }] }),
        cluster: [namespace({ [ALLOWED]: JSON.stringify([dedicated]) })],
      },
      forbiddenPod(
        'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
      ),
    ],
    'not allowed by the cluster': [
      { object: pod({ tolerations: [{ operator: 'Exists' }] }), configuration: { whitelist: [dedicated] } },
      forbiddenPod(
        'pod tolerations (possibly merged with namespace default tolerations) conflict with its cluster whitelist',
      ),
    ],
    "the pod's own tolerations come first": [
      {
        object: pod({ ...burstable, tolerations: [{ key: 'own', operator: 'Exists' }] }),
        configuration: { default: [dedicated] },
      },
      { changes: { 'spec.tolerations': [{ key: 'own', operator: 'Exists' }, dedicated, pressure] } },
    ],
    allowed: [
      {
        object: pod({ tolerations: [dedicated] }),
        cluster: [namespace({ [ALLOWED]: JSON.stringify([{ key: 'dedicated', operator: 'Exists' }]) })],
      },
      PASSED,
    ],
    "an annotation that isn't a list": [
      { object: pod(), cluster: [namespace({ [DEFAULTS]: '{}' })] },
      forbiddenPod(`annotation ${DEFAULTS}: expected a list`),
    ],
    'an update gets no defaults': [
      { object: pod(), oldObject: pod(), configuration: { default: [dedicated] } },
      PASSED,
    ],
  },
  { cluster: [namespace()] },
);

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n',
    labels: {
      'topology.kubernetes.io/zone': 'z',
      'topology.kubernetes.io/region': 'r',
      'kubernetes.io/hostname': 'n',
    },
  },
};
const binding = (kind: string, name: string) => ({
  object: {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p', namespace: 'ns', labels: { 'topology.kubernetes.io/zone': 'old' } },
    target: { kind, name },
  },
  resource: { group: '', version: 'v1', resource: 'pods' },
  subresource: 'binding',
});
describePlugin(
  podTopologyLabels,
  {
    'a bound pod': [
      { object: pod({ nodeName: 'n' }) },
      {
        changes: {
          'metadata.labels': { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' },
        },
      },
    ],
    'an unbound pod': [{ object: pod() }, PASSED],
    'a binding': [
      binding('Node', 'n'),
      {
        changes: {
          'metadata.labels.topology.kubernetes.io/zone': 'z',
          'metadata.labels.topology.kubernetes.io/region': 'r',
        },
      },
    ],
    'a binding without a target kind': [binding('', 'n'), PASSED],
    'a binding to another kind': [binding('Service', 'n'), PASSED],
    'a binding to a missing node': [binding('Node', 'm'), PASSED],
    'switched off': [{ ...binding('Node', 'n'), disabledFeatures: ['PodTopologyLabelsAdmission'] }, PASSED],
  },
  { cluster: [node] },
);

const podGroup = (kind = 'PodGroup') => ({
  apiVersion: `scheduling.k8s.io/${kind === 'PodGroup' ? 'v1beta1' : 'v1alpha3'}`,
  kind,
  metadata: { name: 'g', namespace: 'ns' },
  spec: { schedulingPolicy: { basic: {} } },
});
const ranked = (priorityClassName?: string, own?: number, kind?: string) => ({
  ...podGroup(kind),
  spec: {
    schedulingPolicy: { basic: {} },
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(own !== undefined && { priority: own }),
  },
});
const forbiddenGroup = (why: string) =>
  refused(`403 Forbidden: podgroups.scheduling.k8s.io "g" is forbidden: ${why}`);
describePlugin(
  priority,
  {
    'a pod group of a class': [
      { object: ranked('high') },
      { changes: { 'spec.priority': 1000, 'spec.preemptionPolicy': 'Never' } },
    ],
    'a pod group of the default': [
      { object: ranked(), cluster: withDefault },
      {
        changes: {
          'spec.priorityClassName': 'usual',
          'spec.priority': 10,
          'spec.preemptionPolicy': 'PreemptLowerPriority',
        },
      },
    ],
    'a pod group without preemption, switched off': [
      { object: ranked('high'), disabledFeatures: ['PodGroupPreemptionPolicy'] },
      { changes: { 'spec.priority': 1000 } },
    ],
    'a composite pod group of a class': [
      { object: ranked('high', undefined, 'CompositePodGroup') },
      { changes: { 'spec.priority': 1000, 'spec.preemptionPolicy': 'Never' } },
    ],
    'a composite pod group of another value': [
      { object: ranked('high', 7, 'CompositePodGroup') },
      refused(
        '403 Forbidden: compositepodgroups.scheduling.k8s.io "g" is forbidden: priority set in the composite pod group (7) must match the priority computed (1000) based on the priority class set in the spec',
      ),
    ],
    'a pod group of another value': [
      { object: ranked('high', 7) },
      forbiddenGroup(
        'priority set in the pod group (7) must match the priority computed (1000) based on the priority class set in the spec',
      ),
    ],
    'a pod group, switched off': [
      { object: ranked('high', 7), disabledFeatures: ['GenericWorkload'] },
      PASSED,
    ],
  },
  { cluster: classes },
);
describePlugin(podGroupProtection, {
  'a pod group': [
    { object: podGroup() },
    { changes: { 'metadata.finalizers': ['scheduling.k8s.io/podgroup-protection'] } },
  ],
  'switched off': [{ object: podGroup(), disabledFeatures: ['GenericWorkload'] }, PASSED],
});
