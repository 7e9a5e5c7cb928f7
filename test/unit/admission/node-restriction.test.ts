import { nodeRestriction } from '../../../shared/admission/plugins/node-restriction.ts';
import type { UserInfo } from '../../../shared/request/user-info.ts';
import { type AdmissionCase, BOB, PASSED, refused } from '../../fixtures/admission.ts';
import { certificateRequest } from '../../fixtures/certificate-request.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const nodeUser = (name: string): UserInfo => ({
  name: `system:node:${name}`,
  uid: '',
  groups: ['system:nodes'],
  extra: {},
});
const PODS = { group: '', version: 'v1', resource: 'pods' };
const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };

const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'node-uid', controller: true };
const mirror = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'ns',
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: [owner],
    ...metadata,
  },
  spec: { nodeName: 'n', containers: [{ name: 'a', image: 'a' }], ...spec },
});
const running = (name: string, nodeName: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns', uid: `${name}-uid` },
  spec: { nodeName, containers: [{ name: 'a', image: 'a' }], serviceAccountName: 'sa', ...spec },
});
const node = (metadata: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', uid: 'node-uid', ...metadata },
  spec,
});
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);
const forbiddenNode = (why: string) => refused(`403 Forbidden: nodes "n" is forbidden: ${why}`);
const volumes = (...sources: object[]) => ({
  volumes: sources.map((source, index) => ({ name: `v${index}`, ...source })),
});

const token = (
  podName: string,
  audiences: string[] = [],
  bound: object = { apiVersion: 'v1', kind: 'Pod', name: podName, uid: `${podName}-uid` },
): AdmissionCase => ({
  object: {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name: 'sa', namespace: 'ns' },
    spec: { audiences, boundObjectRef: bound },
  },
  resource: SERVICE_ACCOUNTS,
  subresource: 'token',
});
const forbiddenToken = (why: string) => refused(`403 Forbidden: serviceaccounts "sa" is forbidden: ${why}`);

const eviction = (name: string): AdmissionCase => ({
  object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'ns' } },
  resource: PODS,
  subresource: 'eviction',
});
const lease = (name: string, namespace = 'kube-node-lease') => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
});
const csiNode = (name: string) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name },
});
const slice = (nodeName: string) => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: 's' },
  spec: { nodeName, driver: 'd', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
});
const claim = (status: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'ns', ...metadata },
  status,
});
const certificate = (spec: object = {}) => ({
  object: {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kind: 'PodCertificateRequest',
    metadata: { name: 'r', namespace: 'ns' },
    spec: {
      nodeName: 'n',
      nodeUID: 'node-uid',
      podName: 'mine',
      podUID: 'mine-uid',
      serviceAccountName: 'sa',
      serviceAccountUID: 'sa-uid',
      ...spec,
    },
  },
});
const OWN_REQUEST = (await certificateRequest({ name: 'O=system:nodes, CN=system:node:n' })).request;
const OTHER_REQUEST = (await certificateRequest({ name: 'O=system:nodes, CN=system:node:m' })).request;
const signingRequest = (
  request: string,
  signerName = 'kubernetes.io/kube-apiserver-client-kubelet',
): AdmissionCase => ({
  object: {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
    spec: { request, signerName, usages: ['client auth'] },
  },
  disabledFeatures: ['AllowInsecureKubeletCertificateSigningRequests'],
});
const forbiddenSigning = (why: string) =>
  refused(`403 Forbidden: certificatesigningrequests.certificates.k8s.io "csr" is forbidden: ${why}`);
const forbiddenRequest = (why: string) =>
  refused(`403 Forbidden: podcertificaterequests.certificates.k8s.io "r" is forbidden: ${why}`);

describePlugin(
  nodeRestriction,
  {
    'another user': [{ object: node(), user: BOB }, PASSED],
    'a node only by name': [{ object: node(), user: { ...nodeUser('m'), groups: [] } }, PASSED],
    'a node without name': [
      { object: node(), user: nodeUser('') },
      forbiddenNode('could not determine node from user "system:node:"'),
    ],
    'another resource': [
      { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'ns' } } },
      PASSED,
    ],

    'pods: a mirror pod': [{ object: mirror() }, PASSED],
    'pods: no mirror pod': [
      { object: mirror({}, { annotations: {} }) },
      forbiddenPod(
        'pod does not have "kubernetes.io/config.mirror" annotation, node "n" can only create mirror pods',
      ),
    ],
    'pods: of another node': [
      { object: mirror({ nodeName: 'm' }) },
      forbiddenPod('node "n" can only create pods with spec.nodeName set to itself'),
    ],
    'pods: two owners': [
      { object: mirror({}, { ownerReferences: [owner, owner] }) },
      forbiddenPod('node "n" can only create pods with a single owner reference set to itself'),
    ],
    'pods: no owner': [
      { object: mirror({}, { ownerReferences: [] }) },
      forbiddenPod('node "n" can only create pods with an owner reference set to itself'),
    ],
    'pods: another owner': [
      { object: mirror({}, { ownerReferences: [{ ...owner, name: 'm' }] }) },
      forbiddenPod('node "n" can only create pods with an owner reference set to itself'),
    ],
    "pods: an owner that isn't the controller": [
      { object: mirror({}, { ownerReferences: [{ ...owner, controller: false }] }) },
      forbiddenPod('node "n" can only create pods with a controller owner reference set to itself'),
    ],
    'pods: an owner with blocked deletion': [
      { object: mirror({}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }) },
      forbiddenPod('node "n" must not set blockOwnerDeletion on an owner reference'),
    ],
    'pods: an owner with another uid': [
      { object: mirror({}, { ownerReferences: [{ ...owner, uid: 'old' }] }) },
      forbiddenPod('node n UID mismatch: expected old got node-uid'),
    ],
    'pods: with an account': [
      { object: mirror({ serviceAccountName: 'sa' }) },
      forbiddenPod('node "n" can not create pods that reference serviceaccounts'),
    ],
    'pods: with a secret': [
      { object: mirror(volumes({ secret: { secretName: 's' } })) },
      forbiddenPod('node "n" can not create pods that reference secrets'),
    ],
    'pods: with a config map': [
      { object: mirror(volumes({ configMap: { name: 's' } })) },
      forbiddenPod('node "n" can not create pods that reference configmaps'),
    ],
    'pods: with a claim': [
      { object: mirror(volumes({ persistentVolumeClaim: { claimName: 's' } })) },
      forbiddenPod('node "n" can not create pods that reference persistentvolumeclaims'),
    ],
    'pods: with devices': [
      { object: mirror({ resourceClaims: [{ name: 'gpu' }] }) },
      forbiddenPod('node "n" can not create pods that reference resourceclaims'),
    ],
    'pods: update': [
      { object: mirror(), oldObject: mirror() },
      forbiddenPod('unexpected operation "UPDATE", node "n" can only create and delete mirror pods'),
    ],
    'pods: delete of its own pod': [{ oldObject: running('mine', 'n') }, PASSED],
    "pods: delete of another node's pod": [
      { oldObject: running('other', 'm') },
      refused(
        '403 Forbidden: pods "other" is forbidden: node "n" can only delete pods with spec.nodeName set to itself',
      ),
    ],
    'pods: delete of a missing pod': [
      { oldObject: running('gone', 'n') },
      refused('404 NotFound: pod "gone" not found'),
    ],
    'pods: status of its own pod': [{ object: mirror(), oldObject: mirror(), subresource: 'status' }, PASSED],
    "pods: status of another node's pod": [
      { object: mirror(), oldObject: mirror({ nodeName: 'm' }), subresource: 'status' },
      forbiddenPod('node "n" can only update pod status for pods with spec.nodeName set to itself'),
    ],
    'pods: status with labels': [
      { object: mirror({}, { labels: { a: 'b' } }), oldObject: mirror(), subresource: 'status' },
      forbiddenPod('node "n" cannot update labels through pod status'),
    ],
    'pods: status with claims': [
      {
        object: { ...mirror(), status: { resourceClaimStatuses: [{ name: 'gpu' }] } },
        oldObject: mirror(),
        subresource: 'status',
      },
      forbiddenPod('node "n" cannot update resource claim statues'),
    ],
    'pods: another subresource': [
      { object: mirror(), oldObject: mirror(), subresource: 'resize' },
      forbiddenPod(`unexpected pod subresource "resize", only 'status' and 'eviction' are allowed`),
    ],
    'pods: eviction of its own pod': [eviction('mine'), PASSED],
    "pods: eviction of another node's pod": [
      eviction('other'),
      refused(
        '403 Forbidden: pods "other" is forbidden: node n can only evict pods with spec.nodeName set to itself',
      ),
    ],
    'pods: eviction of a missing pod': [eviction('gone'), refused('404 NotFound: pod "gone" not found')],

    'nodes: itself': [
      {
        object: node({
          labels: {
            'kubernetes.io/os': 'linux',
            'node.kubernetes.io/x': 'y',
            'example.com/z': 'w',
            plain: 'v',
          },
        }),
      },
      PASSED,
    ],
    'nodes: another': [
      { object: node(), user: nodeUser('m') },
      forbiddenNode('node "m" is not allowed to modify node "n"'),
    ],
    'nodes: restricted labels': [
      {
        object: node({
          labels: {
            'node-restriction.kubernetes.io/a': 'x',
            'foo.node-restriction.kubernetes.io/a': 'x',
            'kubernetes.io/role': 'x',
            'my.k8s.io/a': 'x',
          },
        }),
      },
      forbiddenNode(
        'node "n" is not allowed to set the following labels: foo.node-restriction.kubernetes.io/a, kubernetes.io/role, my.k8s.io/a, node-restriction.kubernetes.io/a',
      ),
    ],
    'nodes: a configuration source': [
      { object: node({}, { configSource: { configMap: {} } }) },
      forbiddenNode('node "n" is not allowed to create pods with a non-nil configSource'),
    ],
    'nodes: another configuration source': [
      { object: node({}, { configSource: { configMap: {} } }), oldObject: node() },
      forbiddenNode('node "n" is not allowed to update configSource to a new non-nil configSource'),
    ],
    'nodes: taints': [
      { object: node(), oldObject: node({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] }) },
      forbiddenNode('node "n" is not allowed to modify taints'),
    ],
    'nodes: changed labels': [
      { object: node(), oldObject: node({ labels: { 'kubernetes.io/role': 'x' } }) },
      forbiddenNode('is not allowed to modify labels: kubernetes.io/role'),
    ],
    'nodes: owners': [
      { object: node({ ownerReferences: [owner] }), oldObject: node() },
      forbiddenNode('node "n" is not allowed to modify ownerReferences'),
    ],
    'nodes: delete of another': [
      { oldObject: node(), user: nodeUser('m') },
      forbiddenNode('node "m" is not allowed to modify node "n"'),
    ],

    'claims: expanded': [
      {
        object: claim({ capacity: { storage: '2Gi' }, phase: 'Bound' }, { resourceVersion: '2' }),
        oldObject: claim({ capacity: { storage: '1Gi' }, phase: 'Bound' }, { resourceVersion: '1' }),
        subresource: 'status',
      },
      PASSED,
    ],
    'claims: changed otherwise': [
      {
        object: claim({ phase: 'Bound' }, { labels: { a: 'b' } }),
        oldObject: claim({ phase: 'Bound' }),
        subresource: 'status',
      },
      refused(
        '403 Forbidden: persistentvolumeclaims "c" is forbidden: node "n" is not allowed to update fields other than status.quantity and status.conditions: @@ -1,6 +1,9 @@\n {\n  "name": "c",\n  "namespace": "ns",\n+ "labels": {\n+  "a": "b"\n+ },\n  "Spec": {\n   "AccessModes": null,\n   "Selector": null,\n',
      ),
    ],
    'claims: another subresource': [
      { object: claim({}), oldObject: claim({}) },
      refused('403 Forbidden: persistentvolumeclaims "c" is forbidden: may only update PVC status'),
    ],

    'tokens: for its pod': [token('mine', ['vault']), PASSED],
    'tokens: for the audience of a driver': [token('mine', ['csi']), PASSED],
    'tokens: for another audience': [
      { ...token('mine', ['x']), authorize: () => false },
      forbiddenToken('system:node:n is not authorized to request tokens for audience "x"'),
    ],
    'tokens: for another audience, allowed': [
      {
        ...token('mine', ['x']),
        authorize: ({ verb, resource, name, namespace }) =>
          `${verb} ${resource} ${name} ${namespace}` === 'request-serviceaccounts-token-audience x sa ns',
      },
      PASSED,
    ],
    'tokens: for two audiences': [
      token('mine', ['x', 'y']),
      forbiddenToken('node may only request 0 or 1 audiences'),
    ],
    'tokens: for a pod of another node': [
      token('other'),
      forbiddenToken('node requested token bound to a pod scheduled on a different node'),
    ],
    'tokens: without a pod': [
      token('mine', [], { apiVersion: 'v1', kind: 'Secret', name: 's' }),
      forbiddenToken('node requested token not bound to a pod'),
    ],
    'tokens: for a pod without uid': [
      token('mine', [], { apiVersion: 'v1', kind: 'Pod', name: 'mine' }),
      forbiddenToken('node requested token with a pod binding without a uid'),
    ],
    'tokens: for a pod with another uid': [
      token('mine', [], { apiVersion: 'v1', kind: 'Pod', name: 'mine', uid: 'old' }),
      forbiddenToken(
        'the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
      ),
    ],

    'leases: its own': [{ object: lease('n') }, PASSED],
    "leases: another node's": [
      { object: lease('m'), oldObject: lease('m') },
      refused(
        '403 Forbidden: leases.coordination.k8s.io "m" is forbidden: can only access node lease with the same name as the requesting node',
      ),
    ],
    'leases: in another namespace': [
      { object: lease('n', 'ns') },
      refused(
        '403 Forbidden: leases.coordination.k8s.io "n" is forbidden: can only access leases in the "kube-node-lease" system namespace',
      ),
    ],
    'CSINodes: its own': [{ object: csiNode('n') }, PASSED],
    "CSINodes: another node's": [
      { object: csiNode('m') },
      refused(
        '403 Forbidden: csinodes.storage.k8s.io "m" is forbidden: can only access CSINode with the same name as the requesting node',
      ),
    ],
    'slices: its own': [{ object: slice('n') }, PASSED],
    "slices: another node's": [
      { oldObject: slice('m') },
      refused(
        '403 Forbidden: resourceslices.resource.k8s.io "s" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node',
      ),
    ],
    'certificates: for its pod': [certificate(), PASSED],
    'certificates: on another node': [
      certificate({ nodeName: 'm' }),
      forbiddenRequest('PodCertificateRequest.Spec.NodeName="m", which is not the requesting node "n"'),
    ],
    'certificates: for a pod with another uid': [
      certificate({ podUID: 'old' }),
      forbiddenRequest(
        'PodCertificateRequest for pod "ns/mine" contains pod UID ("old") which differs from running pod "mine-uid"',
      ),
    ],
    'certificates: for a pod of another node': [
      certificate({ podName: 'other', podUID: 'other-uid' }),
      forbiddenRequest('pod "ns/other" is not running on node "n" named in the PodCertificateRequest'),
    ],
    'certificates: for a node with another uid': [
      certificate({ nodeUID: 'old' }),
      forbiddenRequest(
        'PodCertificateRequest for pod "ns/mine" names node UID "old", inconsistent with the running node ("node-uid")',
      ),
    ],
    'certificates: for another account': [
      certificate({ serviceAccountName: 'other' }),
      forbiddenRequest(
        'PodCertificateRequest for pod "ns/mine" contains serviceAccountName ("other") that differs from running pod ("sa")',
      ),
    ],
    'certificates: for an account with another uid': [
      certificate({ serviceAccountUID: 'old' }),
      forbiddenRequest(
        'PodCertificateRequest for pod "ns/mine" names service account UID "old", which differs from the running service account ("sa-uid")',
      ),
    ],
    'certificates: for a mirror pod': [
      certificate({ podName: 'mirror', podUID: 'mirror-uid' }),
      forbiddenRequest('pod "ns/mirror" is a mirror pod'),
    ],
    'certificates: switched off': [
      { ...certificate(), disabledFeatures: ['PodCertificateRequest'] },
      forbiddenRequest('PodCertificateRequest feature gate is disabled'),
    ],
    'requests: in its own name': [signingRequest(OWN_REQUEST), PASSED],
    "requests: in another node's name": [
      signingRequest(OTHER_REQUEST),
      forbiddenSigning('can only create a node CSR with CN=system:node:n'),
    ],
    'requests: to another signer': [signingRequest(OTHER_REQUEST, 'example.com/signer'), PASSED],
    'requests: an invalid certificate request': [
      signingRequest(Buffer.from('none').toString('base64')),
      forbiddenSigning('unable to parse csr: PEM block type must be CERTIFICATE REQUEST'),
    ],
    'requests: in the older form of nodes': [
      { ...signingRequest(OTHER_REQUEST), disabledFeatures: [] },
      PASSED,
    ],
  },
  {
    user: nodeUser('n'),
    cluster: [
      node(),
      running(
        'mine',
        'n',
        volumes(
          { projected: { sources: [{ serviceAccountToken: { audience: 'vault', path: 't' } }] } },
          { persistentVolumeClaim: { claimName: 'c' } },
        ),
      ),
      running('other', 'm'),
      {
        ...running('mirror', 'n'),
        metadata: {
          name: 'mirror',
          namespace: 'ns',
          uid: 'mirror-uid',
          annotations: { 'kubernetes.io/config.mirror': 'x' },
        },
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa', namespace: 'ns', uid: 'sa-uid' } },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'c', namespace: 'ns' },
        spec: { volumeName: 'v' },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'v' },
        spec: { csi: { driver: 'd', volumeHandle: 'h' } },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: 'd' },
        spec: { tokenRequests: [{ audience: 'csi' }] },
      },
    ],
  },
);
