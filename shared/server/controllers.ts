/** The controllers that work with keys which options name. */

import { LEGACY_ISSUER } from '../authn/serviceaccount/claims.ts';
import { parseSigningKey } from '../authn/serviceaccount/keys.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import { CSRSigningController } from '../controllers/certificates/csr-controllers.ts';
import { certificateAuthority } from '../controllers/certificates/sign-certificate.ts';
import type { Controller } from '../controllers/controller.ts';
import { TokensController } from '../controllers/service-account/tokens-controller.ts';
import type { GenericConfig } from './generic-config.ts';
import { readOptionFile } from './option-files.ts';

/** Throws Error for files that can't be read or used. */
export function keyedControllers({ options, resources, readFile }: GenericConfig): Controller[] {
  const controllers: Controller[] = [];
  const read = (flag: string, path: string) => readOptionFile(flag, path, readFile);
  const signingKey = read('service-account-signing-key-file', options.serviceAccountSigningKeyFile);
  if (signingKey !== undefined) {
    const generator = new ServiceAccountTokenGenerator(LEGACY_ISSUER, parseSigningKey(signingKey));
    const rootCA = read('root-ca-file', options.rootCAFile) ?? '';
    controllers.push(new TokensController(resources, { generator, rootCA }));
  }
  const certificate = read('cluster-signing-cert-file', options.clusterSigningCertFile);
  const key = read('cluster-signing-key-file', options.clusterSigningKeyFile);
  if (certificate !== undefined && key !== undefined) {
    const authority = certificateAuthority(certificate, key);
    const maxDurationMs = options.clusterSigningDurationSeconds * 1000;
    controllers.push(new CSRSigningController(resources, { authority, maxDurationMs }));
  }
  return controllers;
}
