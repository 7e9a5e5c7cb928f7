import type { ClusterTrustBundle } from '../../../apis/certificates/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const clusterTrustBundleStrategy: RESTStrategy<ClusterTrustBundle> = {
  kind: { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
};
