/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/certificates/podcertificaterequest/strategy.go */

import type { PodCertificateRequest } from '../../../apis/certificates/v1beta1/types.ts';
import type { Authorizer } from '../../../authz/authorizer.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { forbidden } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { UserInfo } from '../../../request/user-info.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/certificates/validation/pod-certificate-request.ts'));
const loadPodCertificateRequestStatus = once(
  () => import('../../../apis/certificates/validation/pod-certificate-request-status.ts'),
);

const API_VERSIONS = ['certificates.k8s.io/v1', 'certificates.k8s.io/v1beta1'];
const SIGNER = FieldPath.of('spec', 'signerName');

export const podCertificateRequestStrategy: RESTStrategy<PodCertificateRequest> = {
  kind: { group: 'certificates.k8s.io', kind: 'PodCertificateRequest' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  validate: async (_context, request) => (await loadRules()).validatePodCertificateRequest(request),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (_context, request, old) =>
    (await loadRules()).validatePodCertificateRequestUpdate(request, old),
};

/** Updates of the status require permission to sign; without an authorizer they are allowed. */
export const createPodCertificateRequestStatusStrategy = (
  authorizer: Authorizer | undefined,
): RESTStrategy<PodCertificateRequest> => ({
  ...podCertificateRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  async validateUpdate({ user }, request, old) {
    const errors = (await loadPodCertificateRequestStatus()).validatePodCertificateRequestStatusUpdate(
      request,
      old,
    );
    if (errors.length > 0 || semanticDeepEqual(request.status, old.status)) return errors;
    const { signerName } = old.spec;
    if (authorizer === undefined || (await maySign(authorizer, user, signerName))) return [];
    const detail = `User ${quote(user.name)} is not permitted to "sign" for signer ${quote(signerName)}`;
    return [forbidden(SIGNER, detail)];
  },
});

async function maySign(authorizer: Authorizer, user: UserInfo, signerName: string): Promise<boolean> {
  const [domain = ''] = signerName.split('/');
  for (const name of [signerName, `${domain}/*`]) {
    const { decision } = await authorizer.authorize({
      user,
      verb: 'sign',
      isResourceRequest: true,
      namespace: '',
      apiGroup: 'certificates.k8s.io',
      apiVersion: '*',
      resource: 'signers',
      subresource: '',
      name,
      path: '',
    });
    if (decision === 'Allow') return true;
  }
  return false;
}
