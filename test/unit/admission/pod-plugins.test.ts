import { expect } from 'vitest';
import { alwaysPullImages } from '../../../shared/admission/plugins/always-pull-images.ts';
import { defaultTolerationSeconds } from '../../../shared/admission/plugins/default-toleration-seconds.ts';
import { denyEscalatingExec, denyExecOnPrivileged } from '../../../shared/admission/plugins/deny-exec.ts';
import { extendedResourceToleration } from '../../../shared/admission/plugins/extended-resource-toleration.ts';
import { limitPodHardAntiAffinityTopology } from '../../../shared/admission/plugins/limit-pod-hard-anti-affinity-topology.ts';
import { securityContextDeny } from '../../../shared/admission/plugins/security-context-deny.ts';
import { type AdmissionRequest, PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };

const pod = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
});
const status = (spec?: object): AdmissionRequest => ({
  object: pod(spec),
  oldObject: pod(spec),
  subresource: 'status',
});

const ofEachSort = (policy: string, initImage = 'i:1') =>
  pod({
    initContainers: [{ name: 'i', image: initImage, imagePullPolicy: 'Never' }],
    containers: [{ name: 'a', image: 'a:1', imagePullPolicy: policy }],
    ephemeralContainers: [{ name: 'e', image: 'e:1', imagePullPolicy: policy }],
  });
describePlugin(alwaysPullImages, {
  'create of a pod': [
    { object: ofEachSort('IfNotPresent') },
    {
      changes: {
        'spec.initContainers': [expect.objectContaining({ image: 'i:1', imagePullPolicy: 'Always' })],
        'spec.containers': [expect.objectContaining({ image: 'a:1', imagePullPolicy: 'Always' })],
        'spec.ephemeralContainers': [expect.objectContaining({ image: 'e:1', imagePullPolicy: 'Always' })],
      },
    },
  ],
  'an image as a volume': [
    { object: pod({ volumes: [{ name: 'v', image: { reference: 'r:1', pullPolicy: 'Never' } }] }) },
    {
      changes: {
        'spec.containers': [expect.objectContaining({ imagePullPolicy: 'Always' })],
        'spec.volumes': [{ name: 'v', image: { reference: 'r:1', pullPolicy: 'Always' } }],
      },
    },
  ],
  'update without new images': [
    { object: ofEachSort('IfNotPresent', 'a:1'), oldObject: ofEachSort('IfNotPresent') },
    PASSED,
  ],
  'update with a new image': [
    { object: ofEachSort('Always', 'i:2'), oldObject: ofEachSort('Always') },
    {
      changes: {
        'spec.initContainers': [expect.objectContaining({ image: 'i:2', imagePullPolicy: 'Always' })],
      },
    },
  ],
  'a subresource': [status(), PASSED],
});

const toleration = (key: string, tolerationSeconds = 300) => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
});
const notReady = toleration('node.kubernetes.io/not-ready');
const unreachable = toleration('node.kubernetes.io/unreachable');
const everything = { operator: 'Exists' };
describePlugin(defaultTolerationSeconds, {
  'a pod without tolerations': [
    { object: pod() },
    { changes: { 'spec.tolerations': [notReady, unreachable] } },
  ],
  'a pod with its own tolerationSeconds': [
    { object: pod({ tolerations: [toleration('node.kubernetes.io/not-ready', 5)] }) },
    {
      changes: { 'spec.tolerations': [toleration('node.kubernetes.io/not-ready', 5), unreachable] },
    },
  ],
  'a pod that tolerates everything': [{ object: pod({ tolerations: [everything] }) }, PASSED],
  'an update': [
    { object: pod({ tolerations: [notReady] }), oldObject: pod() },
    { changes: { 'spec.tolerations': [notReady, unreachable] } },
  ],
  'a subresource': [status(), PASSED],
});

const asking = (...names: string[]) =>
  pod({
    containers: names.map((name) => ({ name: 'a', image: 'a', resources: { requests: { [name]: '1' } } })),
  });
const gpu = { key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' };
describePlugin(extendedResourceToleration, {
  'devices of two kinds': [
    { object: asking('example.com/gpu', 'cpu', 'example.com/fpga', 'example.com/gpu') },
    { changes: { 'spec.tolerations': [{ ...gpu, key: 'example.com/fpga' }, gpu] } },
  ],
  'of an init container': [
    {
      object: pod({
        initContainers: [{ name: 'i', image: 'i', resources: { requests: { 'example.com/gpu': '1' } } }],
      }),
    },
    { changes: { 'spec.tolerations': [gpu] } },
  ],
  'tolerated already': [
    {
      object: {
        ...asking('example.com/gpu'),
        spec: { ...asking('example.com/gpu').spec, tolerations: [gpu] },
      },
    },
    PASSED,
  ],
  'native node resources': [
    { object: asking('cpu', 'memory', 'hugepages-2Mi', 'kubernetes.io/batch', 'requests.example.com/x') },
    PASSED,
  ],
  'a subresource': [status(asking('example.com/gpu').spec), PASSED],
});

const antiAffinity = (topologyKey: string) =>
  pod({
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] },
    },
  });
describePlugin(limitPodHardAntiAffinityTopology, {
  'on nodes': [{ object: antiAffinity('kubernetes.io/hostname') }, PASSED],
  'on zones': [
    { object: antiAffinity('topology.kubernetes.io/zone') },
    refused(
      '403 Forbidden: pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey topology.kubernetes.io/zone but only key kubernetes.io/hostname is allowed',
    ),
  ],
  'without affinity': [{ object: pod() }, PASSED],
});

const denied = (what: string) => refused(`403 Forbidden: pods "p" is forbidden: ${what} is forbidden`);
const containerWith = (securityContext: object) => ({ name: 'a', image: 'a', securityContext });
describePlugin(securityContextDeny, {
  'no context': [{ object: pod() }, PASSED],
  'harmless contexts': [
    {
      object: pod({
        securityContext: { runAsNonRoot: true },
        containers: [containerWith({ privileged: true, runAsGroup: 1 })],
      }),
    },
    PASSED,
  ],
  'supplemental groups': [
    { object: pod({ securityContext: { supplementalGroups: [1] } }) },
    denied('pod.Spec.SecurityContext.SupplementalGroups'),
  ],
  'SELinux options': [
    { object: pod({ securityContext: { seLinuxOptions: { level: 's0' } } }) },
    denied('pod.Spec.SecurityContext.SELinuxOptions'),
  ],
  user: [
    { object: pod({ securityContext: { runAsUser: 0 } }) },
    denied('pod.Spec.SecurityContext.RunAsUser'),
  ],
  fsGroup: [{ object: pod({ securityContext: { fsGroup: 1 } }) }, denied('pod.Spec.SecurityContext.FSGroup')],
  'SELinux options of a container': [
    { object: pod({ containers: [containerWith({ seLinuxOptions: {} })] }) },
    denied('SecurityContext.SELinuxOptions'),
  ],
  'user of an init container': [
    { object: pod({ initContainers: [containerWith({ runAsUser: 1 })] }) },
    denied('SecurityContext.RunAsUser'),
  ],
  'a subresource': [status({ securityContext: { runAsUser: 0 } }), PASSED],
});

const connect = (spec: object, subresource = 'exec') => ({
  operation: 'CONNECT' as const,
  resource: PODS,
  subresource,
  namespace: 'ns',
  name: 'p',
  cluster: [pod(spec)],
});
const noEntry = (text: string) =>
  refused(`403 Forbidden: pods "p" is forbidden: cannot exec into or attach to a ${text}`);
const privileged = { initContainers: [containerWith({ privileged: true })] };
describePlugin(denyEscalatingExec, {
  'a plain pod': [connect({}), PASSED],
  'host network': [connect({ hostNetwork: true }), noEntry('container using host network')],
  'host pid': [connect({ hostPID: true }, 'attach'), noEntry('container using host pid')],
  'host ipc': [connect({ hostIPC: true }), noEntry('container using host ipc')],
  privileged: [connect(privileged), noEntry('privileged container')],
  'a port': [connect(privileged, 'portforward'), PASSED],
  'a missing pod': [
    { ...connect({}), cluster: [] },
    refused('403 Forbidden: pods "p" is forbidden: pods "p" not found'),
  ],
});
describePlugin(denyExecOnPrivileged, {
  'host network': [connect({ hostNetwork: true }), PASSED],
  privileged: [connect(privileged, 'attach'), noEntry('privileged container')],
});
