/** The errors of kube-apiserver 1.37.2 for flags it does not start with, recorded from a run. */

import { expect, test } from 'vitest';
import { KUBERNETES_RELEASE } from '../../../shared/apis/kubernetes-release.ts';
import { checkConfiguration } from '../../../shared/server/options/check-configuration.ts';
import { flagsOfArguments } from '../../../shared/server/options/parse-options.ts';

const readFile = () => {
  throw new Error('there are no files');
};

async function errorsOf(args: readonly string[]): Promise<readonly string[]> {
  const flags = flagsOfArguments(args);
  return (await checkConfiguration(flags, { readFile, base: { advertiseAddress: '10.1.1.1' } })).errors;
}

/** The minor before the served one. */
const BEFORE = KUBERNETES_RELEASE.minor.replace(/\d+$/, (minor) => String(Number(minor) - 1));

const ORIGINS_HELP =
  "help: List of allowed origins for CORS, comma separated. An allowed origin can be a regular expression to support subdomain matching. If this list is empty CORS will not be enabled. Please ensure each expression matches the entire hostname by anchoring to the start with '^' or including the '//' prefix, and by anchoring to the end with '$' or including the ':' port separator suffix. Examples of valid expressions are '//example\\.com(:|$)' and '^https://example\\.com(:|$)'";

const SAYS: Readonly<Record<string, readonly string[]>> = {
  '--request-timeout=abc': [
    'invalid argument "abc" for "--request-timeout" flag: time: invalid duration "abc"',
  ],
  '--cors-allowed-origins=example.com': [
    `--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header, ${ORIGINS_HELP}`,
  ],
  '--cors-allowed-origins=//a(:|$),//b[': [
    `--cors-allowed-origins has an invalid regular expression: error parsing regexp: missing closing ]: \`[\`, ${ORIGINS_HELP}`,
  ],
  '--cors-allowed-origins=//a$,,//b$': [`empty value in --cors-allowed-origins, ${ORIGINS_HELP}`],
  '--cors-allowed-origins=//example\\.com(:|$)': [],
  '--strict-transport-security-directives=x': [
    '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
  ],
  '--strict-transport-security-directives=max-age=31536000,includeSubDomains,preload': [],
  '--show-hidden-metrics-for-version=1.30': [
    `metrics.showHiddenMetricsForVersion: Invalid value: "1.30": must be omitted or have the value '${BEFORE}'; only the previous minor version is allowed`,
  ],
  [`--show-hidden-metrics-for-version=${BEFORE}`]: [],
  '--allow-metric-labels=x': [
    'invalid argument "x" for "--allow-metric-labels" flag: x must be formatted as key=value',
  ],
  '--allow-metric-labels=a=b': [
    'metrics.allowListMapping: Invalid value: {"a":"b"}: must have keys with format `metricName,labelName` where metricName matches "[a-zA-Z_:][a-zA-Z0-9_:]*" and labelName matches "[a-zA-Z_][a-zA-Z0-9_]*"',
  ],
  '--allow-metric-labels=a,b=c,d': [],
  '--allow-metric-labels=a,b=c --allow-metric-labels-manifest=m.yaml --disabled-metrics=d': [
    'metrics: Invalid value: {"disabledMetrics":["d"],"allowListMapping":{"a,b":"c"},"allowListMappingManifest":"m.yaml"}: cannot specify both allowListMapping and allowListMappingManifest',
    'm.yaml: there are no files',
  ],
  '--disabled-metrics=a-b,c': [
    'metrics.disabledMetrics: Invalid value: ["a-b","c"]: must be fully qualified metric names matching "^[a-zA-Z_:][a-zA-Z0-9_:]*$", got "a-b"',
  ],
  '--max-requests-inflight=-1': ['--max-requests-inflight can not be negative value'],
  '--advertise-address=foo': [
    'invalid argument "foo" for "--advertise-address" flag: failed to parse IP: "foo"',
  ],
  '--service-cluster-ip-range=foo': ['service-cluster-ip-range[0] is not a valid cidr'],
  '--service-cluster-ip-range=10.0.0.0/24,foo': ['service-cluster-ip-range[1] is not an ip net'],
  '--service-cluster-ip-range=10.0.0.0/31': [
    'error determining service IP ranges for primary service cidr: the service cluster IP range must be at least 8 IP addresses',
  ],
  '--service-cluster-ip-range=10.0.0.0/24,10.1.0.0/24': [
    '--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family',
  ],
  '--service-cluster-ip-range=10.0.0.0/24,fd00::/108,10.2.0.0/24': [
    '--service-cluster-ip-range must not contain more than two entries',
  ],
  '--service-cluster-ip-range=10.0.0.0/8': [],
  '--service-cluster-ip-range=10.0.0.0/24,fd00::/64': [],
  '--service-node-port-range=foo': [
    'invalid argument "foo" for "--service-node-port-range" flag: strconv.Atoi: parsing "foo": invalid syntax',
  ],
  '--service-node-port-range=30000-70000': [
    'invalid argument "30000-70000" for "--service-node-port-range" flag: the port range cannot be greater than 65535: 30000-70000',
  ],
  '--feature-gates=Nope=true': ['unrecognized feature gate: Nope'],
  '--feature-gates=WatchList': ['missing bool value for WatchList'],
  '--feature-gates=WatchList=maybe': [
    'invalid value of WatchList=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  '--feature-gates=kube:WatchList=false,other:X=true': ['component not registered: other'],
  '--emulated-version=1.36': [],
  '--emulated-version=foo': ['could not parse "foo" as version'],
  '--emulated-version=nope=1.36': ['component not registered: nope'],
  '--emulated-version=1.36.1': ['patch version not allowed, got: kube=1.36.1'],
  '--authorization-mode=Foo': ['authorization-mode "Foo" is not a valid mode'],
  '--authorization-mode=RBAC,RBAC': ['authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
  '--oidc-client-id=a': [
    'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
  ],
  '--oidc-username-prefix=-': [
    'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
  ],
  '--oidc-required-claim=a': [
    'invalid argument "a" for "--oidc-required-claim" flag: malformed pair, expect string=string',
  ],
  '--service-account-issuer=': ['service-account-issuer should not be an empty string'],
  '--service-account-issuer=https://a --service-account-issuer=https://a': [
    'service-account-issuer "https://a" is already specified',
  ],
  '--service-account-jwks-uri=http://x': [
    'service-account-jwks-uri requires https scheme, parsed as: http://x',
  ],
  '--service-account-max-token-expiration=10m': [
    'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
  ],
  '--service-account-max-token-expiration=1h': [],
  '--logging-format=xml': ['format: Invalid value: "xml": Unsupported log format'],
  '--audit-log-path=- --audit-log-maxage=-1': ["--audit-log-maxage -1 can't be a negative number"],
  '--runtime-config=foo/v1=true': ['unknown api groups foo/v1'],
  '--runtime-config=apps/v9=true': ['group version apps/v9 that has not been registered'],
  '--emulation-forward-compatible': [
    'ServerRunOptions.EmulationForwardCompatible cannot be set to true if the emulation version is the same as the binary version',
  ],
};

test.each(Object.entries(SAYS))('%s', async (args, errors) => {
  expect(await errorsOf(args.split(' '))).toEqual(errors);
});

test('flags that require another flag', async () => {
  const [first] = await errorsOf(['--authorization-config=/a', '--authorization-webhook-version=v1']);
  expect(first).toBe(
    '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
  );
  const [other] = await errorsOf(['--authentication-config=/a', '--oidc-groups-claim=g']);
  expect(other).toBe('authentication-config file and oidc-* flags are mutually exclusive');
});
