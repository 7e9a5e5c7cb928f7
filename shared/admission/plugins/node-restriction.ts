import { quote } from '../../runtime/go-format.ts';
import { formatGroupResource } from '../../runtime/group-version.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { checkCertificateSigningRequests } from '../noderestriction/certificate-signing-requests.ts';
import { checkClaims } from '../noderestriction/claims.ts';
import type { NodeCheck } from '../noderestriction/node-check.ts';
import { checkNodes } from '../noderestriction/nodes.ts';
import { checkCSINodes, checkLeases, checkResourceSlices } from '../noderestriction/own-objects.ts';
import { checkPodCertificateRequests } from '../noderestriction/pod-certificate-requests.ts';
import { checkPods } from '../noderestriction/pods.ts';
import { checkServiceAccounts } from '../noderestriction/service-accounts.ts';

const USER_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';

const CHECKS = new Map<string, NodeCheck>([
  ['pods', checkPods],
  ['nodes', checkNodes],
  ['persistentvolumeclaims', checkClaims],
  ['serviceaccounts', checkServiceAccounts],
  ['leases.coordination.k8s.io', checkLeases],
  ['csinodes.storage.k8s.io', checkCSINodes],
  ['resourceslices.resource.k8s.io', checkResourceSlices],
  ['certificatesigningrequests.certificates.k8s.io', checkCertificateSigningRequests],
  ['podcertificaterequests.certificates.k8s.io', checkPodCertificateRequests],
]);

/** Restricts kubelets to their own node, the pods bound to it, and tokens for those pods. */
export const nodeRestriction: AdmissionPluginFactory = (dependencies) => ({
  name: 'NodeRestriction',
  handles: operations('CREATE', 'UPDATE', 'DELETE'),
  async admit(attributes) {
    const { name, groups } = attributes.user;
    if (!name.startsWith(USER_PREFIX) || !groups.includes(NODES_GROUP)) return;
    const nodeName = name.slice(USER_PREFIX.length);
    if (nodeName === '') throw forbidden(attributes, `could not determine node from user ${quote(name)}`);
    await CHECKS.get(formatGroupResource(attributes.resource))?.(nodeName, attributes, dependencies);
  },
});
