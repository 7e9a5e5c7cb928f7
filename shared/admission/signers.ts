/** Authorization for signers. */

import type { UserInfo } from '../request/user-info.ts';
import type { AdmissionDependencies } from './admission.ts';

/** Whether the verb is allowed on the signer itself or on its whole domain. */
export async function mayUseSigner(
  { authorize }: AdmissionDependencies,
  user: UserInfo,
  verb: 'approve' | 'sign' | 'attest',
  signerName: string,
): Promise<boolean> {
  const [domain = ''] = signerName.split('/');
  for (const name of [signerName, `${domain}/*`]) {
    const question = {
      user,
      verb,
      apiGroup: 'certificates.k8s.io',
      apiVersion: '*',
      resource: 'signers',
      name,
    };
    if ((await authorize(question)).allowed) return true;
  }
  return false;
}
