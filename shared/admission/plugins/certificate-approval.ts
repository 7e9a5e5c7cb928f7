import type { CertificateSigningRequest } from '../../apis/certificates/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { mayUseSigner } from '../signers.ts';

/** Approving a request requires permission for its signer. */
export const certificateApproval: AdmissionPluginFactory = (dependencies) => ({
  name: 'CertificateApproval',
  handles: operations('UPDATE'),
  judges: [{ group: 'certificates.k8s.io', resource: 'certificatesigningrequests' }],
  async validate(attributes) {
    if (!isResource(attributes, 'certificates.k8s.io', 'certificatesigningrequests')) return;
    if (attributes.subresource !== 'approval') return;
    const { signerName } = (attributes.object as CertificateSigningRequest).spec;
    if (await mayUseSigner(dependencies, attributes.user, 'approve', signerName)) return;
    throw forbidden(
      attributes,
      `user not permitted to approve requests with signerName ${quote(signerName)}`,
    );
  },
});
