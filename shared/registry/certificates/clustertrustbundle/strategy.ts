import type { ClusterTrustBundle } from '../../../apis/certificates/v1/types.ts';
import {
  validateClusterTrustBundle,
  validateClusterTrustBundleUpdate,
} from '../../../apis/certificates/validation/cluster-trust-bundle.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const clusterTrustBundleStrategy: RESTStrategy<ClusterTrustBundle> = {
  kind: { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle' },
  namespaced: false,
  // Its signer says more.
  validateName: nameIsPathSegment,
  allowUnconditionalUpdate: false,
  validate: (_context, bundle) => validateClusterTrustBundle(bundle),
  validateUpdate: (_context, bundle, old) => validateClusterTrustBundleUpdate(bundle, old),
};
