import type { ClusterTrustBundle } from '../../../apis/certificates/v1/types.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/certificates/validation/cluster-trust-bundle.ts'));

export const clusterTrustBundleStrategy: RESTStrategy<ClusterTrustBundle> = {
  kind: { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle' },
  namespaced: false,
  // Validation checks the name, which depends on the signer.
  validateName: () => [],
  allowUnconditionalUpdate: false,
  validate: async (_context, bundle) => (await loadRules()).validateClusterTrustBundle(bundle),
  validateUpdate: async (_context, bundle, old) =>
    (await loadRules()).validateClusterTrustBundleUpdate(bundle, old),
};
