import { createPrivateKey, X509Certificate } from 'node:crypto';

interface KeyPairTexts {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The reasons why `pair` is not a PEM certificate with its matching private key, a line each, using `names` to refer to
 * the two; empty if it is.
 */
export function keyPairErrors(pair: KeyPairTexts, names: KeyPairTexts): string[] {
  const certificate = parsed(() => new X509Certificate(pair.certificate));
  const key = parsed(() => createPrivateKey(pair.key));
  const missing = [
    ...(certificate === undefined ? [`${names.certificate}: there is no certificate in PEM`] : []),
    ...(key === undefined ? [`${names.key}: there is no private key in PEM`] : []),
  ];
  if (certificate === undefined || key === undefined || certificate.checkPrivateKey(key)) return missing;
  return [`${names.key}: the private key is not of the certificate of ${names.certificate}`];
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
