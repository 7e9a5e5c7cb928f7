import { requestedOrganizations } from '../../apis/certificates/certificate-request.ts';
import type { CertificateSigningRequest } from '../../apis/certificates/v1/types.ts';
import { SYSTEM_PRIVILEGED_GROUP } from '../../request/user-info.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Rejects requests for client certificates of the group system:masters. */
export const certificateSubjectRestriction: AdmissionPluginFactory = () => ({
  name: 'CertificateSubjectRestriction',
  handles: operations('CREATE'),
  judges: [{ group: 'certificates.k8s.io', resource: 'certificatesigningrequests' }],
  async validate(attributes) {
    if (!isWhole(attributes, 'certificates.k8s.io', 'certificatesigningrequests')) return;
    const { signerName, request } = (attributes.object as CertificateSigningRequest).spec;
    if (signerName !== CLIENT_SIGNER) return;
    let organizations: string[];
    try {
      organizations = requestedOrganizations(Buffer.from(request ?? '', 'base64').toString('latin1'));
    } catch (error) {
      throw forbidden(attributes, `failed to parse CSR: ${(error as Error).message}`);
    }
    if (!organizations.includes(SYSTEM_PRIVILEGED_GROUP)) return;
    throw forbidden(
      attributes,
      `use of ${CLIENT_SIGNER} signer with ${SYSTEM_PRIVILEGED_GROUP} group is not allowed`,
    );
  },
});
