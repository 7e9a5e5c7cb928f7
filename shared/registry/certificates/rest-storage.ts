import { groupStorage, storedResource } from '../generic/group-storage.ts';
import {
  certificateSigningRequestApprovalStrategy,
  certificateSigningRequestStatusStrategy,
  certificateSigningRequestStrategy,
} from './certificatesigningrequest/strategy.ts';
import { clusterTrustBundleStrategy } from './clustertrustbundle/strategy.ts';
import {
  createPodCertificateRequestStatusStrategy,
  podCertificateRequestStrategy,
} from './podcertificaterequest/strategy.ts';

export const certificatesStorage = groupStorage('certificates.k8s.io', {
  certificatesigningrequests: storedResource({
    version: 'v1',
    strategy: certificateSigningRequestStrategy,
    status: certificateSigningRequestStatusStrategy,
    subresources: (store) => ({
      approval: store.withStrategy(certificateSigningRequestApprovalStrategy),
    }),
  }),
  clustertrustbundles: storedResource({ version: 'v1beta1', strategy: clusterTrustBundleStrategy }),
  podcertificaterequests: storedResource({
    // v1 lacks a field for keys that v1beta1 has.
    version: 'v1beta1',
    strategy: podCertificateRequestStrategy,
    status: ({ authorizer }) => createPodCertificateRequestStatusStrategy(authorizer),
  }),
});
