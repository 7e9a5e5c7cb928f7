import type { PodCertificateRequest } from '../../apis/certificates/v1beta1/types.ts';
import type { Node, ServiceAccount } from '../../apis/core/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';
import { findPod, MIRROR_ANNOTATION } from './pods.ts';

/**
 * Nodes may request certificates for pods that run on them. Upstream tolerates some mismatches, because its informers
 * may lag; here the latest state is read.
 */
export const checkPodCertificateRequests: NodeCheck = async (nodeName, attributes, dependencies) => {
  const { operation, subresource, namespace } = attributes;
  const refuse = (why: string) => forbidden(attributes, why);
  if (!dependencies.featureEnabled('PodCertificateRequest')) {
    throw refuse('PodCertificateRequest feature gate is disabled');
  }
  if (operation !== 'CREATE') throw refuse(`unexpected operation ${operation}`);
  if (subresource !== '') throw refuse(`unexpected subresource ${subresource}`);
  const { spec } = attributes.object as PodCertificateRequest;
  const name = quote(`${namespace}/${spec.podName}`);
  if (spec.nodeName !== nodeName) {
    throw refuse(
      `PodCertificateRequest.Spec.NodeName=${quote(spec.nodeName)}, which is not the requesting node ${quote(nodeName)}`,
    );
  }
  const { resources } = dependencies;
  const node = await resources.lister<Node>({ group: '', resource: 'nodes' }).get('', nodeName, 0);
  if (node === undefined) {
    throw refuse(
      `while retrieving node ${quote(nodeName)} named in the PodCertificateRequest: nodes ${quote(nodeName)} not found`,
    );
  }
  if (node.metadata.uid !== spec.nodeUID) {
    throw refuse(
      `PodCertificateRequest for pod ${name} names node UID ${quote(spec.nodeUID)}, inconsistent with the running node (${quote(node.metadata.uid ?? '')})`,
    );
  }
  const pod = await findPod(dependencies, namespace, spec.podName);
  if (pod.metadata.uid !== spec.podUID) {
    throw refuse(
      `PodCertificateRequest for pod ${name} contains pod UID (${quote(spec.podUID)}) which differs from running pod ${quote(pod.metadata.uid ?? '')}`,
    );
  }
  if (pod.spec.nodeName !== nodeName) {
    throw refuse(`pod ${name} is not running on node ${quote(nodeName)} named in the PodCertificateRequest`);
  }
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined)
    throw refuse(`pod ${name} is a mirror pod`);
  const account = pod.spec.serviceAccountName ?? '';
  if (spec.serviceAccountName !== account) {
    throw refuse(
      `PodCertificateRequest for pod ${name} contains serviceAccountName (${quote(spec.serviceAccountName)}) that differs from running pod (${quote(account)})`,
    );
  }
  const accounts = resources.lister<ServiceAccount>({ group: '', resource: 'serviceaccounts' });
  const found = await accounts.get(namespace, account, 0);
  if (found === undefined) {
    throw refuse(
      `while retrieving service account ${quote(`${namespace}/${account}`)} named in the PodCertificateRequest: serviceaccounts ${quote(account)} not found`,
    );
  }
  if (found.metadata.uid !== spec.serviceAccountUID) {
    throw refuse(
      `PodCertificateRequest for pod ${name} names service account UID ${quote(spec.serviceAccountUID)}, which differs from the running service account (${quote(found.metadata.uid ?? '')})`,
    );
  }
};
