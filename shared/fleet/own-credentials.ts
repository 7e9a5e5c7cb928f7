/** Whether a request bears a credential signed by the tenant itself. Only the tenant's keys are needed to tell. */

import { BearerTokenAuthenticator } from '../authn/request/bearer-token-authenticator.ts';
import { UnionRequestAuthenticator } from '../authn/request/union-request-authenticator.ts';
import { ServiceAccountTokenAuthenticator } from '../authn/serviceaccount/token-authenticator.ts';
import { ClientCertificateVerifier } from '../authn/x509/verifier.ts';
import { X509Authenticator } from '../authn/x509/x509-authenticator.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { HostKeys } from '../server/host-keys.ts';

export type SignedBy = (request: ApiRequest) => Promise<boolean>;

/**
 * `issuer`: of the tenant's service accounts. A match does not authenticate the request: the token may no longer be
 * valid.
 */
export function signedBy(
  { serviceAccounts, clientCA }: Pick<HostKeys, 'serviceAccounts' | 'clientCA'>,
  issuer: string,
): SignedBy {
  const certificates = new X509Authenticator(async () => {
    const bundle = await clientCA();
    return bundle === undefined ? undefined : new ClientCertificateVerifier(bundle);
  });
  const tokens = new ServiceAccountTokenAuthenticator({
    issuers: [issuer],
    keys: serviceAccounts,
    apiAudiences: [],
    validate: async () => ({ name: '', uid: '', groups: [], extra: {} }),
  });
  const any = new UnionRequestAuthenticator([certificates, new BearerTokenAuthenticator(tokens, [])]);
  return async (request) => {
    try {
      return (await any.authenticateRequest(request)) !== undefined;
    } catch {
      return false;
    }
  };
}
