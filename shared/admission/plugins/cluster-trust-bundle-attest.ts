import type { ClusterTrustBundle } from '../../apis/certificates/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { mayUseSigner } from '../signers.ts';

/** Publishing trust anchors of a signer requires permission to attest for it. */
export const clusterTrustBundleAttest: AdmissionPluginFactory = (dependencies) => ({
  name: 'ClusterTrustBundleAttest',
  handles: operations('CREATE', 'UPDATE'),
  judges: [{ group: 'certificates.k8s.io', resource: 'clustertrustbundles' }],
  async validate(attributes) {
    if (!dependencies.featureEnabled('ClusterTrustBundle')) return;
    if (!isWhole(attributes, 'certificates.k8s.io', 'clustertrustbundles')) return;
    const { spec } = attributes.object as ClusterTrustBundle;
    const old = (attributes.oldObject as ClusterTrustBundle | undefined)?.spec;
    const signerName = spec.signerName ?? '';
    if (old !== undefined && (old.signerName ?? '') !== signerName) {
      throw forbidden(attributes, 'changing signerName is forbidden');
    }
    if (signerName === '' || semanticDeepEqual(spec, old)) return;
    if (await mayUseSigner(dependencies, attributes.user, 'attest', signerName)) return;
    throw forbidden(attributes, `user not permitted to attest for signerName ${quote(signerName)}`);
  },
});
