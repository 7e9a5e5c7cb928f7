import type { PersistentVolumeClaim } from '../../apis/core/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { metadataInOrder } from '../../meta/metadata-order.ts';
import { quote } from '../../runtime/go-format.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';

/** Fields that a kubelet updates after expanding a volume. */
const OWN_FIELDS = ['capacity', 'conditions', 'allocatedResources', 'allocatedResourceStatuses'];

export const checkClaims: NodeCheck = async (nodeName, attributes) => {
  if (attributes.subresource !== 'status') {
    throw forbidden(attributes, 'may only update PVC status');
  }
  if (attributes.operation !== 'UPDATE') {
    throw forbidden(attributes, `unexpected operation ${quote(attributes.operation)}`);
  }
  const rest = [attributes.object, attributes.oldObject].map((claim) =>
    withoutOwnFields(claim as PersistentVolumeClaim),
  );
  if (semanticDeepEqual(rest[0], rest[1])) return;
  const { internalDifference } = await import('../../apis/internal-form.ts');
  const difference = internalDifference('core.PersistentVolumeClaim', rest[1], rest[0]);
  throw forbidden(
    attributes,
    `node ${quote(nodeName)} is not allowed to update fields other than status.quantity and status.conditions: ${difference}`,
  );
};

function withoutOwnFields({ metadata, spec, status }: PersistentVolumeClaim): object {
  const others = Object.entries(status ?? {}).filter(([field]) => !OWN_FIELDS.includes(field));
  return {
    metadata: metadataInOrder({ ...metadata, resourceVersion: undefined, managedFields: undefined }),
    spec,
    status: Object.fromEntries(others),
  };
}
