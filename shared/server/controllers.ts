/** The controllers that need more of the server than its API: keys, certificates, types. */

import { LEGACY_ISSUER } from '../authn/serviceaccount/claims.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import {
  type ClusterAuthenticationInfo,
  ClusterAuthenticationTrustController,
} from '../controllers/authentication/cluster-authentication-trust-controller.ts';
import { LegacyTokenTrackingController } from '../controllers/authentication/legacy-token-tracking-controller.ts';
import { CSRSigningController } from '../controllers/certificates/csr-controllers.ts';
import {
  type CertificateAuthority,
  certificateAuthority,
} from '../controllers/certificates/sign-certificate.ts';
import type { Controller } from '../controllers/controller.ts';
import { RootCAPublisher } from '../controllers/service-account/root-ca-publisher.ts';
import { TokensController } from '../controllers/service-account/tokens-controller.ts';
import { ValidatingAdmissionPolicyStatusController } from '../controllers/validating-admission-policy/policy-status-controller.ts';
import { schemaSource } from './admission.ts';
import type { GenericConfig } from './generic-config.ts';
import { readOptionFile } from './option-files.ts';

/** Throws Error for files that can't be read or used. */
export function keyedControllers(config: GenericConfig): Controller[] {
  const { options, resources } = config;
  const rootCA = rootCAOf(config);
  const authority = clusterSigning(config);
  const maxDurationMs = options.clusterSigningDurationSeconds * 1000;
  const controllers: (Controller | undefined)[] = [
    rootCA && new RootCAPublisher(resources, rootCA),
    config.signingKey &&
      new TokensController(resources, {
        generator: new ServiceAccountTokenGenerator(LEGACY_ISSUER, config.signingKey),
        rootCA,
      }),
    authority && new CSRSigningController(resources, { authority, maxDurationMs }),
  ];
  return controllers.filter((controller) => controller !== undefined);
}

/** What kube-apiserver itself publishes about authentication. */
export function authenticationControllers(config: GenericConfig): Controller[] {
  return [
    new ClusterAuthenticationTrustController(config.resources, authenticationInfo(config)),
    new LegacyTokenTrackingController(config.resources),
  ];
}

/** Checks policies against the types of all that is served. */
export function policyStatusController(config: GenericConfig): Controller {
  const { resources, own } = config;
  return new ValidatingAdmissionPolicyStatusController(resources, {
    schemaOf: schemaSource(config),
    async kindOf({ group, version, resource }) {
      const found = (await own.discovery.groups()).find(({ name }) => name === group);
      const versions = found?.versions.find((candidate) => candidate.version === version);
      return versions?.resources.find((candidate) => candidate.resource === resource)?.responseKind;
    },
  });
}

function authenticationInfo({ options, readFile, keys }: GenericConfig): ClusterAuthenticationInfo {
  const bundle = readOptionFile('client-ca-file', options.clientCAFile, readFile);
  const path = options.requestheaderClientCAFile;
  const frontProxyCA = readOptionFile('requestheader-client-ca-file', path, readFile);
  return {
    clientCA: bundle === undefined ? keys?.clientCA : async () => bundle,
    requestHeader: {
      clientCA: async () => frontProxyCA ?? keys?.frontProxyCA(),
      allowedNames: options.requestheaderAllowedNames,
      usernameHeaders: options.requestheaderUsernameHeaders,
      uidHeaders: options.requestheaderUIDHeaders,
      groupHeaders: options.requestheaderGroupHeaders,
      extraHeaderPrefixes: options.requestheaderExtraHeadersPrefix,
    },
  };
}

function rootCAOf({ options, readFile, keys }: GenericConfig): (() => string) | undefined {
  const bundle = readOptionFile('root-ca-file', options.rootCAFile, readFile);
  return bundle === undefined ? keys?.rootCA : () => bundle;
}

/** Files are checked at once, the host's when something is to be signed. */
function clusterSigning(config: GenericConfig): (() => Promise<CertificateAuthority>) | undefined {
  const { options, readFile, keys } = config;
  const { clusterSigningCertFile, clusterSigningKeyFile } = options;
  const certificate = readOptionFile('cluster-signing-cert-file', clusterSigningCertFile, readFile);
  const key = readOptionFile('cluster-signing-key-file', clusterSigningKeyFile, readFile);
  if (certificate !== undefined && key !== undefined) {
    const authority = certificateAuthority(certificate, key);
    return async () => authority;
  }
  if (keys === undefined) return undefined;
  return async () => {
    const pair = await keys.clusterSigning();
    return certificateAuthority(pair.certificate, pair.key);
  };
}
