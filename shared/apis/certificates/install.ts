import type { APIGroup } from '../install-group.ts';
import { podCertificateRequestFromInternal, podCertificateRequestToInternal } from './v1/conversion.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import {
  certificateSigningRequestFromInternal,
  certificateSigningRequestToInternal,
} from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import { setCertificateSigningRequestDefaults } from './v1beta1/defaults.ts';
import typesV1beta1 from './v1beta1/types.json?text';

export const certificates: APIGroup = {
  group: 'certificates.k8s.io',
  definitions: 'io.k8s.api.certificates',
  priority: 17300,
  versions: {
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: {
        PodCertificateRequest: {
          toInternal: podCertificateRequestToInternal,
          fromInternal: podCertificateRequestFromInternal,
        },
      },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 9,
      kinds: {
        CertificateSigningRequest: {
          toInternal: certificateSigningRequestToInternal,
          fromInternal: certificateSigningRequestFromInternal,
          defaults: setCertificateSigningRequestDefaults,
        },
      },
    },
    v1alpha1: { types: typesV1alpha1, priority: 1 },
  },
};
