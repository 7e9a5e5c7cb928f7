import { isAlreadyExists } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isKind, NAMESPACE_KIND, NAMESPACES, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

/** Creates the namespace of a new object if it doesn't exist. */
export const namespaceAutoProvision: AdmissionPluginFactory = ({ resources }) => ({
  name: 'NamespaceAutoProvision',
  handles: operations('CREATE'),
  async admit(attributes) {
    const { namespace } = attributes;
    if (attributes.dryRun || namespace === '' || isKind(attributes, NAMESPACE_KIND)) return;
    if ((await resources.lister(NAMESPACES).get('', namespace)) !== undefined) return;
    try {
      await resources.client.create(
        { ...NAMESPACES, version: 'v1' },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      );
    } catch (error) {
      if (!isAlreadyExists(error)) throw forbidden(attributes, error);
    }
  },
});
