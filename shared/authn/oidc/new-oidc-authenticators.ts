import { ConfigFieldsError } from '../../meta/config-fields-error.ts';
import { ConfigFileError } from '../../runtime/config-file.ts';
import type { AddressGuard } from '../../util/address-guard.ts';
import type { Logger } from '../../util/logger.ts';
import type { AuthenticationConfiguration, JWTAuthenticator } from './configuration.ts';
import { OIDC_SIGNING_ALGORITHMS, OIDCAuthenticator } from './oidc-authenticator.ts';
import { validateAuthenticationConfiguration } from './validation.ts';

/** The `--oidc-*` flags. */
export interface OIDCFlags {
  readonly issuerURL: string;
  readonly clientID: string;
  /** PEM. */
  readonly certificateAuthority: string | undefined;
  readonly usernameClaim: string;
  /** '': the issuer's URL and `#`, except for the claim `email`; `-`: no prefix. */
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
  readonly requiredClaims: ReadonlyMap<string, string>;
}

/** Translates the flags to the equivalent configuration. */
export function oidcFlagsConfiguration(flags: OIDCFlags): AuthenticationConfiguration {
  const { issuerURL, usernameClaim, usernamePrefix, groupsClaim, certificateAuthority } = flags;
  const isDefault = usernamePrefix === '' && usernameClaim !== 'email';
  const prefix = isDefault ? `${issuerURL}#` : usernamePrefix === '-' ? '' : usernamePrefix;
  const authenticator: JWTAuthenticator = {
    issuer: {
      url: issuerURL,
      audiences: [flags.clientID],
      ...(certificateAuthority !== undefined && { certificateAuthority }),
    },
    claimMappings: {
      username: { claim: usernameClaim, prefix },
      ...(groupsClaim !== '' && { groups: { claim: groupsClaim, prefix: flags.groupsPrefix } }),
    },
    claimValidationRules: [...flags.requiredClaims].map(([claim, requiredValue]) => ({
      claim,
      requiredValue,
    })),
  };
  return { jwt: [authenticator] };
}

export interface NewOIDCOptions {
  /** Issuers handled by other authenticators. */
  readonly disallowedIssuers: readonly string[];
  readonly signingAlgorithms?: readonly string[];
  readonly now?: () => number;
  /** Addresses that issuers may have; default: any. */
  readonly addresses?: AddressGuard | undefined;
  /** Logs each call. */
  readonly logger?: Logger | undefined;
}

/** Creates one authenticator per issuer. Throws a `ConfigFileError` that lists all errors. */
export function newOIDCAuthenticators(
  configuration: AuthenticationConfiguration,
  {
    disallowedIssuers,
    signingAlgorithms = OIDC_SIGNING_ALGORITHMS,
    now = Date.now,
    addresses,
    logger,
  }: NewOIDCOptions,
): OIDCAuthenticator[] {
  const unknown = signingAlgorithms.find((algorithm) => !OIDC_SIGNING_ALGORITHMS.includes(algorithm));
  if (unknown !== undefined) throw new ConfigFileError(`oidc: unsupported signing alg: "${unknown}"`);
  const { compiled, errors } = validateAuthenticationConfiguration(configuration, disallowedIssuers);
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  return configuration.jwt.map(
    (jwt, index) =>
      new OIDCAuthenticator({
        configuration: jwt,
        compiled: compiled[index]!,
        signingAlgorithms,
        now,
        addresses,
        logger,
      }),
  );
}
