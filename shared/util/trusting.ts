/**
 * TLS options that trust these authorities (PEM) and no others, as Go's `RootCAs` do: a certificate that is itself
 * among them needs no issuer. Without authorities: the system's.
 */
export function trusting(authorities: string | Buffer | undefined): {
  readonly ca?: string | Buffer;
  readonly allowPartialTrustChain?: boolean;
} {
  return authorities ? { ca: authorities, allowPartialTrustChain: true } : {};
}
