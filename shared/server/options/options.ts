/** The server's options, named like kube-apiserver's wherever they have the same meaning. */

import { type AuditOptions, auditFlags } from '../audit/audit-options.ts';
import {
  addressFlag,
  booleanFlag,
  countFlag,
  durationFlag,
  type FlagDefinition,
  featureGatesFlag,
  integerFlag,
  listFlag,
  mapFlag,
  type ParseFlag,
  type PortRange,
  pairsFlag,
  portRangeFlag,
  repeatedFlag,
  sliceFlag,
  stringFlag,
  textMapFlag,
} from './flag-types.ts';

export interface ServerRunOptions extends AuditOptions<'log'>, AuditOptions<'webhook'> {
  // API
  readonly runtimeConfig: ReadonlyMap<string, string>;
  readonly requestTimeoutSeconds: number;
  readonly minRequestTimeoutSeconds: number;
  readonly maxRequestsInFlight: number;
  readonly maxMutatingRequestsInFlight: number;
  readonly maxRequestBodyBytes: number;
  readonly featureGates: ReadonlyMap<string, string>;
  readonly emulatedVersion: readonly string[];
  readonly minCompatibilityVersion: readonly string[];
  readonly emulationForwardCompatible: boolean;
  readonly runtimeConfigEmulationForwardCompatible: boolean;
  readonly enableServerSideApply: boolean;
  // Browsers
  /** Regular expressions for the allowed origins of pages. */
  readonly corsAllowedOrigins: readonly string[];
  readonly strictTransportSecurityDirectives: readonly string[];
  // Resources
  readonly serviceClusterIPRange: string;
  readonly serviceNodePortRange: PortRange;
  readonly advertiseAddress: string;
  /** The host in OpenID metadata; '' for the advertised address. */
  readonly externalHostname: string;
  readonly advertisePort: number;
  /** `lease`, or `none` to not publish the advertised address. */
  readonly endpointReconcilerType: string;
  readonly eventTTLSeconds: number;
  /** The age of the oldest revision available to watches and exact lists; 0 for everything the store keeps. */
  readonly etcdCompactionIntervalSeconds: number;
  readonly deleteCollectionWorkers: number;
  // Admission
  readonly enableAdmissionPlugins: readonly string[];
  readonly disableAdmissionPlugins: readonly string[];
  /** Deprecated form that disables all other plugins. */
  readonly admissionControl: readonly string[];
  readonly admissionControlConfigFile: string;
  readonly defaultNotReadyTolerationSeconds: number;
  readonly defaultUnreachableTolerationSeconds: number;
  // Authentication
  readonly anonymousAuth: boolean;
  readonly clientCAFile: string;
  readonly tokenAuthFile: string;
  readonly enableBootstrapTokenAuth: boolean;
  readonly authenticationConfig: string;
  readonly authenticationAWSIAMConfig: string;
  /** The cluster id that IAM tokens must be made for: `aws eks get-token --cluster-name`. */
  readonly authenticationAWSIAMClusterID: string;
  /** IAM roles and users with full access. */
  readonly authenticationAWSIAMAdminARNs: readonly string[];
  /** Destination of presigned requests in place of the host they name, such as a VPC endpoint. */
  readonly authenticationAWSIAMSTSEndpoint: string;
  readonly authenticationTokenWebhookConfigFile: string;
  readonly authenticationTokenWebhookVersion: string;
  readonly authenticationTokenWebhookCacheTTLSeconds: number;
  readonly oidcIssuerURL: string;
  readonly oidcClientID: string;
  readonly oidcUsernameClaim: string;
  readonly oidcUsernamePrefix: string;
  readonly oidcGroupsClaim: string;
  readonly oidcGroupsPrefix: string;
  readonly oidcRequiredClaim: ReadonlyMap<string, string>;
  readonly oidcCAFile: string;
  readonly oidcSigningAlgs: readonly string[];
  readonly requestheaderClientCAFile: string;
  readonly requestheaderAllowedNames: readonly string[];
  readonly requestheaderUsernameHeaders: readonly string[];
  readonly requestheaderUIDHeaders: readonly string[];
  readonly requestheaderGroupHeaders: readonly string[];
  readonly requestheaderExtraHeadersPrefix: readonly string[];
  readonly proxyClientCertFile: string;
  readonly proxyClientKeyFile: string;
  /** Addresses of Services that webhooks and APIServices refer to, keyed by `namespace/name[:port]`. */
  readonly serviceEndpoints: ReadonlyMap<string, string>;
  // Service accounts
  readonly serviceAccountIssuer: readonly string[];
  readonly serviceAccountSigningKeyFile: string;
  readonly serviceAccountKeyFile: readonly string[];
  readonly serviceAccountJWKSURI: string;
  readonly serviceAccountMaxTokenExpirationSeconds: number;
  readonly serviceAccountExtendTokenExpiration: boolean;
  readonly apiAudiences: readonly string[];
  readonly rootCAFile: string;
  // Certificates
  readonly clusterSigningCertFile: string;
  readonly clusterSigningKeyFile: string;
  readonly clusterSigningDurationSeconds: number;
  // Authorization
  readonly authorizationMode: readonly string[];
  readonly authorizationConfig: string;
  readonly authorizationPolicyFile: string;
  readonly authorizationWebhookConfigFile: string;
  readonly authorizationWebhookVersion: string;
  readonly authorizationWebhookCacheAuthorizedTTLSeconds: number;
  readonly authorizationWebhookCacheUnauthorizedTTLSeconds: number;
  // Audit and encryption
  readonly auditPolicyFile: string;
  readonly auditLogPath: string;
  readonly auditLogFormat: string;
  readonly auditLogMaxSize: number;
  readonly auditLogMaxBackup: number;
  readonly auditLogMaxAge: number;
  readonly auditLogCompress: boolean;
  readonly auditLogVersion: string;
  readonly auditWebhookConfigFile: string;
  readonly auditWebhookVersion: string;
  readonly auditWebhookInitialBackoffSeconds: number;
  readonly encryptionProviderConfig: string;
  readonly encryptionProviderConfigAutomaticReload: boolean;
  // Metrics
  /** Metric families to omit. */
  readonly disabledMetrics: readonly string[];
  /** Allowed label values, keyed by `family,label`. */
  readonly allowMetricLabels: ReadonlyMap<string, string>;
  /** A file with the same values, used in their place. */
  readonly allowMetricLabelsManifest: string;
  /** There are no hidden metrics here; only validated to be the previous minor. */
  readonly showHiddenMetricsForVersion: string;
  // Log and traces
  /** klog's verbosity. If a control plane's options omit it, that of its logger applies. */
  readonly verbosity: number;
  readonly loggingFormat: string;
  readonly tracingConfigFile: string;
}

type Definitions = { readonly [K in keyof ServerRunOptions]: FlagDefinition<ServerRunOptions[K]> };

const flag = <V>(name: string, parse: ParseFlag<V>, defaultValue: V): FlagDefinition<V> => ({
  flag: name,
  parse,
  default: defaultValue,
});
const NONE: readonly string[] = [];
const EMPTY: ReadonlyMap<string, string> = new Map();

export const FLAGS: Definitions = {
  runtimeConfig: flag('runtime-config', mapFlag, EMPTY),
  requestTimeoutSeconds: flag('request-timeout', durationFlag, 60),
  minRequestTimeoutSeconds: flag('min-request-timeout', integerFlag, 1800),
  maxRequestsInFlight: flag('max-requests-inflight', integerFlag, 400),
  maxMutatingRequestsInFlight: flag('max-mutating-requests-inflight', integerFlag, 200),
  maxRequestBodyBytes: flag('max-resource-write-bytes', integerFlag, 3 * 1024 * 1024),
  featureGates: flag('feature-gates', featureGatesFlag, EMPTY),
  emulatedVersion: flag('emulated-version', listFlag, NONE),
  minCompatibilityVersion: flag('min-compatibility-version', listFlag, NONE),
  emulationForwardCompatible: flag('emulation-forward-compatible', booleanFlag, false),
  runtimeConfigEmulationForwardCompatible: flag(
    'runtime-config-emulation-forward-compatible',
    booleanFlag,
    false,
  ),
  enableServerSideApply: flag('enable-server-side-apply', booleanFlag, true),

  corsAllowedOrigins: flag('cors-allowed-origins', sliceFlag, NONE),
  strictTransportSecurityDirectives: flag('strict-transport-security-directives', sliceFlag, NONE),

  serviceClusterIPRange: flag('service-cluster-ip-range', stringFlag, '10.0.0.0/24'),
  serviceNodePortRange: flag('service-node-port-range', portRangeFlag, { from: 30000, to: 32767 }),
  advertiseAddress: flag('advertise-address', addressFlag, ''),
  externalHostname: flag('external-hostname', stringFlag, ''),
  advertisePort: flag('advertise-port', integerFlag, 6443),
  endpointReconcilerType: flag('endpoint-reconciler-type', stringFlag, 'lease'),
  eventTTLSeconds: flag('event-ttl', durationFlag, 3600),
  etcdCompactionIntervalSeconds: flag('etcd-compaction-interval', durationFlag, 300),
  deleteCollectionWorkers: flag('delete-collection-workers', integerFlag, 1),

  enableAdmissionPlugins: flag('enable-admission-plugins', listFlag, NONE),
  disableAdmissionPlugins: flag('disable-admission-plugins', listFlag, NONE),
  admissionControl: flag('admission-control', listFlag, NONE),
  admissionControlConfigFile: flag('admission-control-config-file', stringFlag, ''),
  defaultNotReadyTolerationSeconds: flag('default-not-ready-toleration-seconds', integerFlag, 300),
  defaultUnreachableTolerationSeconds: flag('default-unreachable-toleration-seconds', integerFlag, 300),

  anonymousAuth: flag('anonymous-auth', booleanFlag, true),
  clientCAFile: flag('client-ca-file', stringFlag, ''),
  tokenAuthFile: flag('token-auth-file', stringFlag, ''),
  enableBootstrapTokenAuth: flag('enable-bootstrap-token-auth', booleanFlag, false),
  authenticationConfig: flag('authentication-config', stringFlag, ''),
  authenticationAWSIAMConfig: flag('authentication-aws-iam-config', stringFlag, ''),
  authenticationAWSIAMClusterID: flag('authentication-aws-iam-cluster-id', stringFlag, ''),
  authenticationAWSIAMAdminARNs: flag('authentication-aws-iam-admin-arns', listFlag, NONE),
  authenticationAWSIAMSTSEndpoint: flag('authentication-aws-iam-sts-endpoint', stringFlag, ''),
  authenticationTokenWebhookConfigFile: flag('authentication-token-webhook-config-file', stringFlag, ''),
  authenticationTokenWebhookVersion: flag('authentication-token-webhook-version', stringFlag, 'v1beta1'),
  authenticationTokenWebhookCacheTTLSeconds: flag(
    'authentication-token-webhook-cache-ttl',
    durationFlag,
    120,
  ),
  oidcIssuerURL: flag('oidc-issuer-url', stringFlag, ''),
  oidcClientID: flag('oidc-client-id', stringFlag, ''),
  oidcUsernameClaim: flag('oidc-username-claim', stringFlag, 'sub'),
  oidcUsernamePrefix: flag('oidc-username-prefix', stringFlag, ''),
  oidcGroupsClaim: flag('oidc-groups-claim', stringFlag, ''),
  oidcGroupsPrefix: flag('oidc-groups-prefix', stringFlag, ''),
  oidcRequiredClaim: flag('oidc-required-claim', pairsFlag, EMPTY),
  oidcCAFile: flag('oidc-ca-file', stringFlag, ''),
  oidcSigningAlgs: flag('oidc-signing-algs', listFlag, ['RS256']),
  requestheaderClientCAFile: flag('requestheader-client-ca-file', stringFlag, ''),
  requestheaderAllowedNames: flag('requestheader-allowed-names', listFlag, NONE),
  requestheaderUsernameHeaders: flag('requestheader-username-headers', listFlag, ['x-remote-user']),
  requestheaderUIDHeaders: flag('requestheader-uid-headers', listFlag, ['x-remote-uid']),
  requestheaderGroupHeaders: flag('requestheader-group-headers', listFlag, ['x-remote-group']),
  requestheaderExtraHeadersPrefix: flag('requestheader-extra-headers-prefix', listFlag, ['x-remote-extra-']),
  proxyClientCertFile: flag('proxy-client-cert-file', stringFlag, ''),
  proxyClientKeyFile: flag('proxy-client-key-file', stringFlag, ''),
  serviceEndpoints: flag('service-endpoints', mapFlag, EMPTY),

  serviceAccountIssuer: flag('service-account-issuer', repeatedFlag, NONE),
  serviceAccountSigningKeyFile: flag('service-account-signing-key-file', stringFlag, ''),
  serviceAccountKeyFile: flag('service-account-key-file', repeatedFlag, NONE),
  serviceAccountJWKSURI: flag('service-account-jwks-uri', stringFlag, ''),
  serviceAccountMaxTokenExpirationSeconds: flag('service-account-max-token-expiration', durationFlag, 0),
  serviceAccountExtendTokenExpiration: flag('service-account-extend-token-expiration', booleanFlag, true),
  apiAudiences: flag('api-audiences', listFlag, NONE),
  rootCAFile: flag('root-ca-file', stringFlag, ''),
  clusterSigningCertFile: flag('cluster-signing-cert-file', stringFlag, ''),
  clusterSigningKeyFile: flag('cluster-signing-key-file', stringFlag, ''),
  clusterSigningDurationSeconds: flag('cluster-signing-duration', durationFlag, 8760 * 3600),

  authorizationMode: flag('authorization-mode', listFlag, NONE),
  authorizationConfig: flag('authorization-config', stringFlag, ''),
  authorizationPolicyFile: flag('authorization-policy-file', stringFlag, ''),
  authorizationWebhookConfigFile: flag('authorization-webhook-config-file', stringFlag, ''),
  authorizationWebhookVersion: flag('authorization-webhook-version', stringFlag, 'v1beta1'),
  authorizationWebhookCacheAuthorizedTTLSeconds: flag(
    'authorization-webhook-cache-authorized-ttl',
    durationFlag,
    300,
  ),
  authorizationWebhookCacheUnauthorizedTTLSeconds: flag(
    'authorization-webhook-cache-unauthorized-ttl',
    durationFlag,
    30,
  ),

  auditPolicyFile: flag('audit-policy-file', stringFlag, ''),
  auditLogPath: flag('audit-log-path', stringFlag, ''),
  auditLogFormat: flag('audit-log-format', stringFlag, 'json'),
  auditLogMaxSize: flag('audit-log-maxsize', integerFlag, 100),
  auditLogMaxBackup: flag('audit-log-maxbackup', integerFlag, 100),
  auditLogMaxAge: flag('audit-log-maxage', integerFlag, 366),
  auditLogCompress: flag('audit-log-compress', booleanFlag, false),
  auditLogVersion: flag('audit-log-version', stringFlag, 'audit.k8s.io/v1'),
  ...auditFlags('log'),
  auditWebhookConfigFile: flag('audit-webhook-config-file', stringFlag, ''),
  auditWebhookVersion: flag('audit-webhook-version', stringFlag, 'audit.k8s.io/v1'),
  ...auditFlags('webhook'),
  auditWebhookInitialBackoffSeconds: flag('audit-webhook-initial-backoff', durationFlag, 10),
  encryptionProviderConfig: flag('encryption-provider-config', stringFlag, ''),
  encryptionProviderConfigAutomaticReload: flag(
    'encryption-provider-config-automatic-reload',
    booleanFlag,
    false,
  ),

  disabledMetrics: flag('disabled-metrics', sliceFlag, NONE),
  allowMetricLabels: flag('allow-metric-labels', textMapFlag, EMPTY),
  allowMetricLabelsManifest: flag('allow-metric-labels-manifest', stringFlag, ''),
  showHiddenMetricsForVersion: flag('show-hidden-metrics-for-version', stringFlag, ''),

  verbosity: flag('v', countFlag, 0),
  loggingFormat: flag('logging-format', stringFlag, 'text'),
  tracingConfigFile: flag('tracing-config-file', stringFlag, ''),
};

/** The default options. Setting a flag replaces a default list or map rather than adding to it. */
export function defaultOptions(): ServerRunOptions {
  const entries = Object.entries(FLAGS).map(([key, definition]) => [key, definition.default]);
  return Object.fromEntries(entries) as unknown as ServerRunOptions;
}
