/** `--authentication-config` (https://github.com/kubernetes/apiserver/blob/master/pkg/apis/apiserver/v1/types.go). */

import {
  BOOLEAN,
  type ConfigKind,
  decodeConfigFile,
  listOf,
  STRING,
  STRINGS,
  structOf,
} from '../../runtime/config-file.ts';

export interface Issuer {
  readonly url?: string;
  /** URL of the discovery document, if not below `url`. */
  readonly discoveryURL?: string;
  /** PEM; default: the host's certificate authorities. */
  readonly certificateAuthority?: string;
  readonly audiences?: readonly string[];
  readonly audienceMatchPolicy?: string;
  readonly egressSelectorType?: string;
}

/** Either a claim with a required value, or an expression that must be true. */
export interface ClaimValidationRule {
  readonly claim?: string;
  readonly requiredValue?: string;
  readonly expression?: string;
  readonly message?: string;
}

export interface ClaimMapping {
  readonly claim?: string;
  /** For username and groups; required with `claim`. */
  readonly prefix?: string;
  readonly expression?: string;
}

export interface ExtraMapping {
  readonly key?: string;
  readonly valueExpression?: string;
}

export interface ClaimMappings {
  readonly username?: ClaimMapping;
  readonly groups?: ClaimMapping;
  readonly uid?: ClaimMapping;
  readonly extra?: readonly ExtraMapping[];
}

export interface UserValidationRule {
  readonly expression?: string;
  readonly message?: string;
}

export interface JWTAuthenticator {
  readonly issuer: Issuer;
  readonly claimValidationRules?: readonly ClaimValidationRule[];
  readonly claimMappings: ClaimMappings;
  readonly userValidationRules?: readonly UserValidationRule[];
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JWTAuthenticator[];
  readonly anonymous?: {
    readonly enabled?: boolean;
    readonly conditions?: readonly { readonly path?: string }[];
  };
}

const strings = (...names: string[]) => Object.fromEntries(names.map((name) => [name, STRING]));

const ISSUER = structOf('Issuer', {
  ...strings('url', 'discoveryURL', 'certificateAuthority', 'audienceMatchPolicy', 'egressSelectorType'),
  audiences: STRINGS,
});
const RULE = structOf('ClaimValidationRule', strings('claim', 'requiredValue', 'expression', 'message'));
const PREFIXED = structOf('PrefixedClaimOrExpression', strings('claim', 'prefix', 'expression'));
const MAPPINGS = structOf('ClaimMappings', {
  username: PREFIXED,
  groups: PREFIXED,
  uid: structOf('ClaimOrExpression', strings('claim', 'expression')),
  extra: listOf(structOf('ExtraMapping', strings('key', 'valueExpression'))),
});

export const AUTHENTICATION_CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'AuthenticationConfiguration',
  fields: {
    jwt: listOf(
      structOf('JWTAuthenticator', {
        issuer: ISSUER,
        claimValidationRules: listOf(RULE),
        claimMappings: MAPPINGS,
        userValidationRules: listOf(structOf('UserValidationRule', strings('expression', 'message'))),
      }),
    ),
    anonymous: structOf('AnonymousAuthConfig', {
      enabled: BOOLEAN,
      conditions: listOf(structOf('AnonymousAuthCondition', { path: STRING })),
    }),
  },
};

/** Decodes without validation; see `validateAuthenticationConfiguration`. Rejects with `ConfigFileError`. */
export async function parseAuthenticationConfiguration(text: string): Promise<AuthenticationConfiguration> {
  const { config } = await decodeConfigFile<Partial<AuthenticationConfiguration>>(
    text,
    AUTHENTICATION_CONFIGURATION,
  );
  const jwt = (config.jwt ?? []).map((authenticator) => ({
    ...authenticator,
    issuer: authenticator.issuer ?? {},
    claimMappings: authenticator.claimMappings ?? {},
  }));
  return { ...config, jwt };
}
