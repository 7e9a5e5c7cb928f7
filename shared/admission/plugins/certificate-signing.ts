import type { CertificateSigningRequest } from '../../apis/certificates/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { mayUseSigner } from '../signers.ts';

/** Writing a certificate or its conditions requires permission to sign for the request's signer. */
export const certificateSigning: AdmissionPluginFactory = (dependencies) => ({
  name: 'CertificateSigning',
  handles: operations('UPDATE'),
  judges: [{ group: 'certificates.k8s.io', resource: 'certificatesigningrequests' }],
  async validate(attributes) {
    if (!isResource(attributes, 'certificates.k8s.io', 'certificatesigningrequests')) return;
    if (attributes.subresource !== 'status') return;
    const { status } = attributes.object as CertificateSigningRequest;
    const old = attributes.oldObject as CertificateSigningRequest;
    const sameCertificate = (status?.certificate ?? '') === (old.status?.certificate ?? '');
    if (sameCertificate && semanticDeepEqual(status?.conditions, old.status?.conditions)) return;
    const { signerName } = old.spec;
    if (await mayUseSigner(dependencies, attributes.user, 'sign', signerName)) return;
    throw forbidden(attributes, `user not permitted to sign requests with signerName ${quote(signerName)}`);
  },
});
