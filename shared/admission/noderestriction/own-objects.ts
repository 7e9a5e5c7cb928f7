/** Leases, CSINodes and resource slices, which nodes may write for themselves only. */

import type { ResourceSlice } from '../../apis/resource/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';

const LEASE_NAMESPACE = 'kube-node-lease';

/** On creation the request may lack the name. */
function requestedName({ operation, name, object }: AdmissionAttributes): string | undefined {
  return operation === 'CREATE' ? object!.metadata.name : name;
}

export const checkLeases: NodeCheck = (nodeName, attributes) => {
  if (attributes.namespace !== LEASE_NAMESPACE) {
    throw forbidden(attributes, `can only access leases in the ${quote(LEASE_NAMESPACE)} system namespace`);
  }
  if (requestedName(attributes) === nodeName) return;
  throw forbidden(attributes, 'can only access node lease with the same name as the requesting node');
};

export const checkCSINodes: NodeCheck = (nodeName, attributes) => {
  if (requestedName(attributes) === nodeName) return;
  throw forbidden(attributes, 'can only access CSINode with the same name as the requesting node');
};

export const checkResourceSlices: NodeCheck = (nodeName, attributes) => {
  const { operation, object, oldObject } = attributes;
  if (operation !== 'CREATE' && operation !== 'DELETE') return;
  const slice = (object ?? oldObject) as ResourceSlice;
  if (slice.spec.nodeName === nodeName) return;
  throw forbidden(
    attributes,
    `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`,
  );
};
