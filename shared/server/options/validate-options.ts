/** Validates a set of options and reports all errors at once (upstream's `Validate`). */

import { isDeepStrictEqual } from 'node:util';
import { compareMinors } from '../../apis/minor.ts';
import {
  applyRuntimeConfig,
  defaultResourceConfig,
  validateRuntimeConfig,
} from '../../apis/resource-config.ts';
import { builtinResources } from '../../apis/resource-table.ts';
import { AUDIT_LOG_FORMATS } from '../../audit/log-formats.ts';
import { quote } from '../../runtime/go-format.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import { parseCIDR, parseIP } from '../../util/ip.ts';
import { LOG_FORMATS } from '../../util/log-lines.ts';
import { auditBackendOptions, validateAuditBackend } from '../audit/audit-options.ts';
import { builtinScheme } from '../builtin-scheme.ts';
import { effectiveVersionErrors } from '../emulation/effective-version.ts';
import type { Emulation } from '../emulation/emulation.ts';
import { originErrors, transportSecurityErrors } from './browser-rules.ts';
import type { CompletedOptions } from './completed-options.ts';
import { featureGateWarnings, validateFeatureGates } from './feature-gates.ts';
import { disabledMetricsErrors, hiddenMetricsErrors, metricLabelErrors } from './metrics-rules.ts';
import { FLAGS, type ServerRunOptions } from './options.ts';

const AUTHORIZATION_MODES = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

type Rule = (options: CompletedOptions, scheme: Scheme) => string[];

const notNegative =
  (flag: string, read: (options: CompletedOptions) => number): Rule =>
  (options) =>
    read(options) < 0 ? [`--${flag} can not be negative value`] : [];

const RULES: readonly Rule[] = [
  effectiveVersionErrors,
  // The set of gates depends on the version.
  (options) => (effectiveVersionErrors(options).length > 0 ? [] : validateFeatureGates(options)),
  notNegative('max-requests-inflight', (options) => options.maxRequestsInFlight),
  notNegative('max-mutating-requests-inflight', (options) => options.maxMutatingRequestsInFlight),
  notNegative('request-timeout', (options) => options.requestTimeoutSeconds),
  notNegative('min-request-timeout', (options) => options.minRequestTimeoutSeconds),
  notNegative('max-resource-write-bytes', (options) => options.maxRequestBodyBytes),
  transportSecurityErrors,
  originErrors,
  hiddenMetricsErrors,
  disabledMetricsErrors,
  metricLabelErrors,
  ({ loggingFormat }) =>
    Object.hasOwn(LOG_FORMATS, loggingFormat)
      ? []
      : [`format: Invalid value: ${JSON.stringify(loggingFormat)}: Unsupported log format`],
  ({ endpointReconcilerType }) =>
    ['', 'lease', 'none'].includes(endpointReconcilerType)
      ? []
      : [`Reconciler not implemented: ${endpointReconcilerType}`],
  ({ advertiseAddress, endpointReconcilerType, serviceClusterIPRange }) => {
    const [range = ''] = serviceClusterIPRange.split(',');
    const families = [parseCIDR(range)?.address.family, parseIP(advertiseAddress)?.family];
    return endpointReconcilerType === 'none' || families.includes(undefined) || families[0] === families[1]
      ? []
      : [`service IP family "${range}" must match public address family "${advertiseAddress}"`];
  },
  notNegative('etcd-compaction-interval', (options) => options.etcdCompactionIntervalSeconds),
  ({ deleteCollectionWorkers }) =>
    deleteCollectionWorkers < 1 ? ['--delete-collection-workers must be at least 1'] : [],
  ({ eventTTLSeconds }) => (eventTTLSeconds <= 0 ? ['--event-ttl must be positive'] : []),
  ({ runtimeConfig }, scheme) => {
    const errors = validateRuntimeConfig(runtimeConfig, scheme);
    if (errors.length > 0) return errors;
    try {
      applyRuntimeConfig(defaultResourceConfig(), runtimeConfig, scheme);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  },
  ({ emulation, emulationForwardCompatible, runtimeConfigEmulationForwardCompatible }) =>
    Object.entries({
      EmulationForwardCompatible: emulationForwardCompatible,
      RuntimeConfigEmulationForwardCompatible: runtimeConfigEmulationForwardCompatible,
    })
      .filter(([, isSet]) => isSet && emulation === undefined)
      .map(
        ([name]) =>
          `ServerRunOptions.${name} cannot be set to true if the emulation version is the same as the binary version`,
      ),
  ({ runtimeConfig, emulation, runtimeConfigEmulationForwardCompatible }) => {
    if (emulation === undefined || runtimeConfigEmulationForwardCompatible) return [];
    const enabled = [...runtimeConfig].filter(([, value]) => value !== 'false').map(([key]) => key);
    return enabled.flatMap((key) => laterInKey(key, emulation));
  },
  ({ serviceClusterIPRange }) => clusterIPRangeErrors(serviceClusterIPRange.split(',')),
  ({ serviceNodePortRange: { from, to } }) =>
    from === 0 || to > 65535 ? [`--service-node-port-range ${from}-${to} is not between 1 and 65535`] : [],
  (options) => {
    const { authorizationMode, authorizationConfig } = options;
    const unknown = authorizationMode.filter((mode) => !AUTHORIZATION_MODES.includes(mode));
    const errors = unknown.map((mode) => `authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
    if (new Set(authorizationMode).size !== authorizationMode.length) {
      errors.push(
        `authorization-mode [${authorizationMode.map(quote).join(' ')}] has mode specified more than once`,
      );
    }
    if (
      authorizationConfig !== '' &&
      (authorizationMode.length > 0 || isAnySet(options, 'authorizationWebhook'))
    ) {
      errors.push(
        '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
      );
    }
    return errors;
  },
  ({ authorizationMode, authorizationWebhookConfigFile }) => {
    const isWebhook = authorizationMode.includes('Webhook');
    if (isWebhook && authorizationWebhookConfigFile === '') {
      return ["authorization-mode Webhook's authorization config file not passed"];
    }
    if (!isWebhook && authorizationWebhookConfigFile !== '') {
      return ['cannot specify --authorization-webhook-config-file without mode Webhook'];
    }
    return [];
  },
  ({ authorizationMode, authorizationPolicyFile }) => {
    const isABAC = authorizationMode.includes('ABAC');
    if (isABAC && authorizationPolicyFile === '') {
      return ["authorization-mode ABAC's authorization policy file not passed"];
    }
    if (!isABAC && authorizationPolicyFile !== '') {
      return ['cannot specify --authorization-policy-file without mode ABAC'];
    }
    return [];
  },
  ({ authorizationWebhookVersion, authenticationTokenWebhookVersion }) =>
    Object.entries({
      'authorization-webhook-version': authorizationWebhookVersion,
      'authentication-token-webhook-version': authenticationTokenWebhookVersion,
    })
      .filter(([, version]) => version !== 'v1' && version !== 'v1beta1')
      .map(([flag, version]) => `--${flag} ${JSON.stringify(version)} is not one of v1, v1beta1`),
  (options) => {
    const { authenticationConfig, oidcIssuerURL, oidcClientID } = options;
    if (!isAnySet(options, 'oidc')) return [];
    if (authenticationConfig !== '') {
      return ['authentication-config file and oidc-* flags are mutually exclusive'];
    }
    return oidcIssuerURL === '' || oidcClientID === ''
      ? ['oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set']
      : [];
  },
  (options) => {
    const { auditLogPath, auditLogFormat: format, auditLogVersion } = options;
    if (auditLogPath === '') return [];
    const errors = [
      ...validateAuditBackend('log', auditBackendOptions(options, 'log')),
      ...validateAuditVersion(auditLogVersion),
    ];
    if (!AUDIT_LOG_FORMATS.includes(format as 'json')) {
      const formats = AUDIT_LOG_FORMATS.join(',');
      errors.push(`invalid audit log format ${format}, allowed formats are "${formats}"`);
    }
    const limits = {
      maxage: options.auditLogMaxAge,
      maxbackup: options.auditLogMaxBackup,
      maxsize: options.auditLogMaxSize,
    };
    for (const [name, value] of Object.entries(limits)) {
      if (value < 0) errors.push(`--audit-log-${name} ${value} can't be a negative number`);
    }
    return errors;
  },
  (options) =>
    options.auditWebhookConfigFile === ''
      ? []
      : [
          ...validateAuditBackend('webhook', auditBackendOptions(options, 'webhook')),
          ...validateAuditVersion(options.auditWebhookVersion),
        ],
  ({ encryptionProviderConfig, encryptionProviderConfigAutomaticReload }) =>
    encryptionProviderConfigAutomaticReload && encryptionProviderConfig === ''
      ? ['--encryption-provider-config-automatic-reload must be set with --encryption-provider-config']
      : [],
  ({ featureGates }) =>
    featureGates.get('KMSv1')?.toLowerCase() === 'true'
      ? ['--feature-gates: KMSv1 is not supported, use KMSv2']
      : [],
  ({ authenticationAWSIAMSTSEndpoint: endpoint }) =>
    endpoint === '' || isSecureURL(endpoint)
      ? []
      : [
          `--authentication-aws-iam-sts-endpoint: ${JSON.stringify(endpoint)} must be https, or of this machine`,
        ],
  ({ proxyClientCertFile, proxyClientKeyFile }) =>
    (proxyClientCertFile === '') === (proxyClientKeyFile === '')
      ? []
      : ['--proxy-client-cert-file and --proxy-client-key-file must be specified together'],
  ({ serviceEndpoints }) =>
    [...serviceEndpoints]
      .filter(([, url]) => !URL.canParse(url) || !url.startsWith('https://'))
      .map(
        ([service, url]) => `--service-endpoints: ${JSON.stringify(url)} of ${service} is not an https URL`,
      ),
  ({ clusterSigningCertFile, clusterSigningKeyFile }) =>
    (clusterSigningCertFile === '') === (clusterSigningKeyFile === '')
      ? []
      : ['--cluster-signing-cert-file and --cluster-signing-key-file must be specified together'],
  ({ serviceAccountIssuer }) => issuerErrors(serviceAccountIssuer),
  ({ serviceAccountJWKSURI: uri }) =>
    uri === '' || uri.startsWith('https:')
      ? []
      : [`service-account-jwks-uri requires https scheme, parsed as: ${uri}`],
  ({ serviceAccountMaxTokenExpirationSeconds: seconds }) =>
    seconds === 0 || (seconds >= 3600 && seconds <= 2 ** 32)
      ? []
      : ['the service-account-max-token-expiration must be between 1 hour and 2^32 seconds'],
];

/** Errors for keys of `--runtime-config` that are newer than the emulated release. */
function laterInKey(key: string, { minor, resources }: Emulation): string[] {
  const parts = key.replace(/^\//, '').split('/');
  const [version, resource] = key.startsWith('/') ? parts : [parts.slice(0, 2).join('/'), parts[2]];
  const all = builtinResources().get(version!)?.resources ?? {};
  const introducedIn = (name: string): string => all[name]?.lifecycle?.introduced ?? '1.0';
  const isLater = (name: string): boolean => compareMinors(introducedIn(name), minor) > 0;
  const why = `after the current version ${minor}. Consider setting --runtime-config-emulation-forward-compatible=true`;
  if (resource !== undefined) {
    if (!isLater(resource)) return [];
    return [
      `cannot enable resource ${version}, Resource=${resource} in runtime-config because it is introduced at ${introducedIn(resource)} ${why}`,
    ];
  }
  const names = Object.keys(all);
  if (names.length === 0 || resources.has(version!) || !names.every(isLater)) return [];
  return [
    `cannot enable version ${version} in runtime-config because all the resources have been introduced ${why}`,
  ];
}

/** Whether a URL is safe for tokens: https, or http on a loopback address. */
function isSecureURL(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))
  );
}

const validateAuditVersion = (version: string): string[] =>
  version === 'audit.k8s.io/v1' ? [] : ['invalid group version, allowed versions are ["audit.k8s.io/v1"]'];

/** Whether any flag with this prefix differs from its default. */
function isAnySet(options: CompletedOptions, prefix: string): boolean {
  return Object.entries(FLAGS)
    .filter(([key]) => key.startsWith(prefix))
    .some(([key, flag]) => !isDeepStrictEqual(options[key as keyof ServerRunOptions], flag.default));
}

/** Minimum size of a Service address range. */
const LEAST_SERVICE_ADDRESSES = 8;

function clusterIPRangeErrors(texts: readonly string[]): string[] {
  const ranges = texts.map((text) => parseCIDR(text.trim()));
  const [first, second] = ranges;
  if (first === undefined) return ['service-cluster-ip-range[0] is not a valid cidr'];
  if (ranges.length > 1 && second === undefined) return ['service-cluster-ip-range[1] is not an ip net'];
  const bits = first.address.family === 4 ? 32 : 128;
  if (2 ** (bits - first.prefixLength) < LEAST_SERVICE_ADDRESSES) {
    const why = `the service cluster IP range must be at least ${LEAST_SERVICE_ADDRESSES} IP addresses`;
    return [`error determining service IP ranges for primary service cidr: ${why}`];
  }
  const errors =
    ranges.length > 2 ? ['--service-cluster-ip-range must not contain more than two entries'] : [];
  if (second?.address.family === first.address.family) {
    errors.push(
      '--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family',
    );
  }
  return errors;
}

function issuerErrors(issuers: readonly string[]): string[] {
  return issuers.flatMap((issuer, index) => {
    if (isBadIssuer(issuer)) {
      return [`service-account-issuer ${quote(issuer)} contained a ':' but was not a valid URL`];
    }
    if (issuer === '') return ['service-account-issuer should not be an empty string'];
    return issuers.indexOf(issuer) < index
      ? [`service-account-issuer ${quote(issuer)} is already specified`]
      : [];
  });
}

function isBadIssuer(issuer: string): boolean {
  return issuer.includes(':') && (/\s/.test(issuer) || !URL.canParse(issuer));
}

/** One text per error; empty if the options are valid. */
export function validateOptions(options: CompletedOptions): string[] {
  const { scheme } = builtinScheme();
  return RULES.flatMap((rule) => rule(options, scheme));
}

/** Warnings for deprecated settings. */
export function optionWarnings(options: CompletedOptions): string[] {
  return [
    ...featureGateWarnings(options),
    ...(options.admissionControl.length > 0
      ? [
          'Flag --admission-control has been deprecated, Use --enable-admission-plugins or --disable-admission-plugins instead. Will be removed in a future version.',
        ]
      : []),
  ];
}
