/** The controllers that work with keys which options name. */

import { LEGACY_ISSUER } from '../authn/serviceaccount/claims.ts';
import { parseSigningKey } from '../authn/serviceaccount/keys.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import { CSRSigningController } from '../controllers/certificates/csr-controllers.ts';
import { certificateAuthority } from '../controllers/certificates/sign-certificate.ts';
import type { Controller } from '../controllers/controller.ts';
import { TokensController } from '../controllers/service-account/tokens-controller.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { CompletedOptions } from './completed-options.ts';
import { readOptionFile } from './option-files.ts';

/** Throws Error for files that can't be read or used. */
export function keyedControllers(options: CompletedOptions, resources: ResourceAccess): Controller[] {
  const controllers: Controller[] = [];
  const signingKey = readOptionFile('service-account-signing-key-file', options.serviceAccountSigningKeyFile);
  if (signingKey !== undefined) {
    const generator = new ServiceAccountTokenGenerator(LEGACY_ISSUER, parseSigningKey(signingKey));
    const rootCA = readOptionFile('root-ca-file', options.rootCAFile) ?? '';
    controllers.push(new TokensController(resources, { generator, rootCA }));
  }
  const certificate = readOptionFile('cluster-signing-cert-file', options.clusterSigningCertFile);
  const key = readOptionFile('cluster-signing-key-file', options.clusterSigningKeyFile);
  if (certificate !== undefined && key !== undefined) {
    const authority = certificateAuthority(certificate, key);
    const maxDurationMs = options.clusterSigningDurationSeconds * 1000;
    controllers.push(new CSRSigningController(resources, { authority, maxDurationMs }));
  }
  return controllers;
}
