/**
 * TLS options that trust these authorities (PEM) and no others, as Go's `RootCAs` does: a certificate listed there
 * needs no issuer. Without authorities: the system's.
 */
export function tlsTrust(authorities: string | Buffer | undefined): {
  readonly ca?: string | Buffer;
  readonly allowPartialTrustChain?: boolean;
} {
  return authorities ? { ca: authorities, allowPartialTrustChain: true } : {};
}
