import { newForbidden, newNotFound, StatusError } from '../../meta/status-error.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isKind, isResource, NAMESPACE_KIND, NAMESPACES, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { findNamespace } from '../namespaces.ts';

const UNDELETABLE = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Rejects creation in missing or terminating namespaces and deletion of system namespaces. Runs in the mutating phase,
 * so that no work is done for an object that can't be created.
 */
export const namespaceLifecycle: AdmissionPluginFactory = ({ resources }) => ({
  name: 'NamespaceLifecycle',
  handles: operations('CREATE', 'UPDATE', 'DELETE'),
  reads: ({ operation, namespace }) =>
    operation === 'CREATE' && namespace !== ''
      ? [{ ...NAMESPACES, object: { namespace: '', name: namespace } }]
      : [],
  async admit(attributes) {
    const { operation, namespace, name } = attributes;
    if (isKind(attributes, NAMESPACE_KIND)) {
      if (operation === 'DELETE' && UNDELETABLE.has(name)) {
        throw newForbidden(attributes.resource, name, 'this namespace may not be deleted');
      }
      return;
    }
    if (namespace === '' || operation !== 'CREATE') return;
    // A question about permissions in a namespace must not reveal whether it exists.
    if (isResource(attributes, 'authorization.k8s.io', 'localsubjectaccessreviews')) return;
    const found = await findNamespace(resources, namespace);
    if (found === undefined) throw newNotFound(NAMESPACES, namespace);
    if (found.status?.phase === 'Terminating') throw terminating(attributes);
  },
});

function terminating(attributes: AdmissionAttributes): StatusError {
  const { namespace } = attributes;
  const { status } = forbidden(
    attributes,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
