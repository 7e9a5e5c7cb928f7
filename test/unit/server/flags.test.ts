/**
 * Every flag of the served release's kube-apiserver (its `--help`, in test/facts/flags.json), and how it is handled.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FlagFact } from '../../../infra/import/flags.ts';
import { isServingFlag, SERVING_FLAGS, splitFlags } from '../../../infra/local/serving-flags.ts';
import type { FlagDefinition } from '../../../shared/server/options/flag-types.ts';
import { effectiveFlags, FLAGS_WITHOUT_EFFECT } from '../../../shared/server/options/flags-without-effect.ts';
import { FLAGS } from '../../../shared/server/options/options.ts';
import { flagsOfArguments, isServerFlag, readOptions } from '../../../shared/server/options/parse-options.ts';

const facts: Readonly<Record<string, FlagFact>> = JSON.parse(
  readFileSync(new URL('../../facts/flags.json', import.meta.url), 'utf8'),
);
const upstream = Object.keys(facts);

type Fate = 'works' | 'without effect' | 'refused';

function outcomeOf(flag: string): Fate {
  if (isServerFlag(flag) || isServingFlag(flag)) return 'works';
  const { server, ignored } = splitFlags([[flag, '1']]);
  // Reported by name at start.
  if (ignored.includes(flag)) return 'without effect';
  expect(readOptions(server).errors).toEqual([expect.stringMatching(`^--${flag} is not supported: `)]);
  return 'refused';
}

const withFate = (fate: Fate) => upstream.filter((flag) => outcomeOf(flag) === fate);

test('flags about missing parts are accepted, and reported to have no effect', () => {
  expect(withFate('without effect')).toEqual([
    'aggregator-reject-forwarding-redirect',
    'allow-privileged',
    'contention-profiling',
    'coordinated-leadership-lease-duration',
    'coordinated-leadership-renew-deadline',
    'coordinated-leadership-retry-period',
    'debug-socket-path',
    'egress-selector-config-file',
    'enable-aggregator-routing',
    'enable-garbage-collector',
    'enable-logs-handler',
    'enable-priority-and-fairness',
    'etcd-cafile',
    'etcd-certfile',
    'etcd-count-metric-poll-period',
    'etcd-db-metric-poll-interval',
    'etcd-healthcheck-timeout',
    'etcd-keyfile',
    'etcd-prefix',
    'etcd-readycheck-timeout',
    'etcd-servers-overrides',
    'goaway-chance',
    'kubelet-certificate-authority',
    'kubelet-client-certificate',
    'kubelet-client-key',
    'kubelet-preferred-address-types',
    'kubelet-timeout',
    'kubernetes-service-node-port',
    'lease-reuse-duration-seconds',
    'livez-grace-period',
    'log-flush-frequency',
    'log-json-info-buffer-size',
    'log-json-split-stream',
    'log-text-info-buffer-size',
    'log-text-split-stream',
    'max-connection-bytes-per-sec',
    'peer-advertise-ip',
    'peer-advertise-port',
    'peer-ca-file',
    'permit-address-sharing',
    'permit-port-sharing',
    'profiling',
    'service-account-lookup',
    'shutdown-delay-duration',
    'shutdown-send-retry-after',
    'shutdown-watch-termination-grace-period',
    'storage-backend',
    'storage-initialization-timeout',
    'storage-media-type',
    'vmodule',
    'watch-cache',
    'watch-cache-sizes',
  ]);
});

test('flags that would change unsupported behaviour are rejected', () => {
  expect(withFate('refused')).toEqual(['service-account-signing-endpoint']);
});

test('flags without effect are parsed as by upstream', () => {
  const ours = Object.entries(FLAGS_WITHOUT_EFFECT).flatMap(([type, names]) =>
    names.map((name) => [name, type]),
  );
  // Some are missing from its help, but accepted.
  const known = ours.filter(([name]) => facts[name!] !== undefined);
  expect(known).toEqual(known.map(([name]) => [name, facts[name!]!.type]));
});

/** The unset value of each type. */
const ZERO: Readonly<Record<string, unknown>> = {
  ...{ bool: false, duration: 0, float: 0, float32: 0, int: 0, ip: '', string: '' },
  ...{ int32Slice: [], namedCertKey: [], stringArray: [], strings: [] },
  ...{ colonSeparatedMultimapStringString: new Map(), mapStringString: new Map(), stringToString: new Map() },
};

/** Flags whose defaults differ, with their defaults here. */
const OTHER_DEFAULTS: Readonly<Record<string, unknown>> = {
  // A single address: stores are accessed individually.
  'etcd-servers': '',
  // Upstream has no defaults; these are the names that its documentation uses.
  'requestheader-extra-headers-prefix': ['x-remote-extra-'],
  'requestheader-group-headers': ['x-remote-group'],
  'requestheader-uid-headers': ['x-remote-uid'],
  'requestheader-username-headers': ['x-remote-user'],
  // The value to which upstream completes an absent flag.
  'service-cluster-ip-range': '10.0.0.0/24',
  'tls-min-version': 'TLSv1.2',
  v: 0,
};

test("the others have upstream's defaults", () => {
  const definitions = [...Object.values(FLAGS), ...Object.values(SERVING_FLAGS)] as FlagDefinition<unknown>[];
  const known = definitions.filter(({ flag }) => facts[flag] !== undefined);
  const expected = known.map(({ flag, parse }) => {
    const { type, default: text } = facts[flag]!;
    const upstreams = text === undefined || text === '' ? ZERO[type] : parse(text, undefined);
    return [flag, Object.hasOwn(OTHER_DEFAULTS, flag) ? OTHER_DEFAULTS[flag] : upstreams];
  });
  expect(known.map((definition) => [definition.flag, definition.default])).toEqual(expected);
});

test('accepted flags are used somewhere', () => {
  const sources = ['shared', 'functions', 'infra'].flatMap((folder) =>
    readdirSync(new URL(`../../../${folder}`, import.meta.url), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts') && !/server\/(?:options|validate-options)\.ts$/.test(file))
      .map((file) => readFileSync(new URL(`../../../${folder}/${file}`, import.meta.url), 'utf8')),
  );
  const words = new Set(sources.flatMap((text) => text.match(/\b[a-z]\w+\b/g) ?? []));
  // Those of the audit backends are read under computed names.
  const unread = Object.keys(FLAGS).filter((key) => !words.has(key) && !/^audit(?:Log|Webhook)/.test(key));
  expect(unread).toEqual([]);
});

test('a host with its own listener accepts them too, and unknown ones are rejected by its server', () => {
  const args = [
    '--profiling=false',
    '--allow-privileged',
    '--event-ttl',
    '2h',
    '--nothing',
    '--kubelet-https',
  ];
  expect(effectiveFlags(flagsOfArguments(args))).toEqual({
    server: [
      ['event-ttl', '2h'],
      ['nothing', 'true'],
    ],
    ignored: ['profiling', 'allow-privileged', 'kubelet-https'],
    errors: [],
  });
});

test('values of flags without effect are validated', () => {
  const wrong = {
    'apiserver-count': '0',
    'etcd-healthcheck-timeout': 'x',
    'goaway-chance': '1',
    'kubernetes-service-node-port': '-1',
    'lease-reuse-duration-seconds': 'x',
    'livez-grace-period': '-1s',
    'log-json-info-buffer-size': 'x',
    'permit-port-sharing': '',
    profiling: 'x',
    'shutdown-delay-duration': '-1s',
    'storage-backend': 'x',
    'storage-media-type': 'x',
    vmodule: 'x',
  };
  expect(effectiveFlags(Object.entries(wrong)).errors).toEqual([
    "--apiserver-count should be a positive number, but value '0' provided",
    'invalid argument "x" for "--etcd-healthcheck-timeout" flag: time: invalid duration "x"',
    '--goaway-chance can not be less than 0 or greater than 0.02',
    '--kubernetes-service-node-port -1 must be between 0 and 65535, inclusive. If 0, the Kubernetes master service will be of type ClusterIP',
    'invalid argument "x" for "--lease-reuse-duration-seconds" flag: strconv.ParseInt: parsing "x": invalid syntax',
    '--livez-grace-period can not be a negative value',
    'invalid argument "x" for "--log-json-info-buffer-size" flag: quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    'invalid argument "" for "--permit-port-sharing" flag: strconv.ParseBool: parsing "": invalid syntax',
    'invalid argument "x" for "--profiling" flag: strconv.ParseBool: parsing "x": invalid syntax',
    '--shutdown-delay-duration can not be negative value',
    "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
    '--storage-media-type "x" invalid, allowed values: application/json, application/vnd.kubernetes.protobuf, application/yaml',
    'invalid argument "x" for "--vmodule" flag: "x" does not have the pattern=N format',
  ]);
});
