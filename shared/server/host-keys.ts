/** Keys that a host keeps in place of files: used where options name no file, asked for when a request needs them. */

import type { GetSigningKey, PublicKeysGetter } from '../authn/serviceaccount/keys.ts';
import type { KeyPair } from '../util/issue-certificate.ts';

export interface HostKeys {
  /** In place of `--service-account-signing-key-file` and `--service-account-key-file`. */
  readonly serviceAccounts: PublicKeysGetter & { readonly signingKey: GetSigningKey };
  /** In place of `--cluster-signing-cert-file` and `--cluster-signing-key-file`; made if there is none. */
  readonly clusterSigning: () => Promise<KeyPair>;
  /** In place of `--client-ca-file`; undefined while nothing was signed. */
  readonly clientCA: () => Promise<string | undefined>;
  /** In place of `--proxy-client-cert-file` and `--proxy-client-key-file`; made if there is none. */
  readonly proxyClient: () => Promise<KeyPair>;
  /** In place of `--requestheader-client-ca-file`, for others to believe; undefined while no server was asked. */
  readonly frontProxyCA: () => Promise<string | undefined>;
  /** In place of `--root-ca-file`: whom clients of the public address trust. */
  readonly rootCA: () => string;
}
