/** Keys that a host provides in place of files. Used if options name no file, and fetched when a request needs them. */

import type { GetSigningKey, PublicKeysGetter } from '../authn/serviceaccount/keys.ts';
import type { KeyPair } from '../util/issue-certificate.ts';

export interface HostKeys {
  /** Replaces `--service-account-signing-key-file` and `--service-account-key-file`. */
  readonly serviceAccounts: PublicKeysGetter & { readonly signingKey: GetSigningKey };
  /** Replaces `--cluster-signing-cert-file` and `--cluster-signing-key-file`; generated if there is none. */
  readonly clusterSigning: () => Promise<KeyPair>;
  /** Replaces `--client-ca-file`; undefined until a certificate has been signed. */
  readonly clientCA: () => Promise<string | undefined>;
  /** Replaces `--proxy-client-cert-file` and `--proxy-client-key-file`; generated if there is none. */
  readonly proxyClient: () => Promise<KeyPair>;
  /** Replaces `--requestheader-client-ca-file` for remote API servers; undefined until the first request to one. */
  readonly frontProxyCA: () => Promise<string | undefined>;
  /** Replaces `--root-ca-file`: the CA that clients of the public address trust. */
  readonly rootCA: () => string;
}
