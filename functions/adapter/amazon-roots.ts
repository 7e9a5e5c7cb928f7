import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

const AMAZON = /^(?:O=Amazon|CN=Starfield Services Root Certificate Authority - G2)$/m;

let roots: string | undefined;

/**
 * The CAs that a client of API Gateway must trust: those of Amazon Trust Services, from Node's own list
 * (https://www.amazontrust.com/repository/). PEM.
 */
export function amazonRoots(): string {
  roots ??= rootCertificates
    .filter((pem) => AMAZON.test(new X509Certificate(pem).subject))
    .map((pem) => `${pem}\n`)
    .join('');
  return roots;
}
