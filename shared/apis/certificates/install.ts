import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { podCertificateRequestFromInternal, podCertificateRequestToInternal } from './v1/conversion.ts';
import {
  certificateSigningRequestFromInternal,
  certificateSigningRequestToInternal,
} from './v1beta1/conversion.ts';
import { setCertificateSigningRequestDefaults } from './v1beta1/defaults.ts';

/** Registers certificates.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'certificates.k8s.io',
    definitions: 'io.k8s.api.certificates',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: {
      v1: {
        PodCertificateRequest: {
          toInternal: podCertificateRequestToInternal,
          fromInternal: podCertificateRequestFromInternal,
        },
      },
      v1beta1: {
        CertificateSigningRequest: {
          toInternal: certificateSigningRequestToInternal,
          fromInternal: certificateSigningRequestFromInternal,
          defaults: setCertificateSigningRequestDefaults,
        },
      },
    },
  });
}
