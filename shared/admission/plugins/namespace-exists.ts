import { newNotFound } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isKind, NAMESPACE_KIND, NAMESPACES, operations } from '../attributes.ts';
import { findNamespace } from '../namespaces.ts';

/** Rejects writes in namespaces that don't exist. */
export const namespaceExists: AdmissionPluginFactory = ({ resources }) => ({
  name: 'NamespaceExists',
  handles: operations('CREATE', 'UPDATE', 'DELETE'),
  async validate(attributes) {
    const { namespace } = attributes;
    if (namespace === '' || isKind(attributes, NAMESPACE_KIND)) return;
    const found = await findNamespace(resources, namespace);
    if (found === undefined) throw newNotFound(NAMESPACES, namespace);
  },
});
