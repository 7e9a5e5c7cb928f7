/** Every flag of the served release's kube-apiserver (its `--help`, in test/facts/flags.json), and what becomes of it. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isServingFlag, splitFlags } from '../../../infra/local/serving-flags.ts';
import { effectiveFlags } from '../../../shared/server/options/flags-without-effect.ts';
import { FLAGS } from '../../../shared/server/options/options.ts';
import { flagsOfArguments, isServerFlag, readOptions } from '../../../shared/server/options/parse-options.ts';

const upstream: readonly string[] = JSON.parse(
  readFileSync(new URL('../../facts/flags.json', import.meta.url), 'utf8'),
);

type Fate = 'works' | 'without effect' | 'refused';

function fateOf(flag: string): Fate {
  if (isServerFlag(flag) || isServingFlag(flag)) return 'works';
  const { server, ignored } = splitFlags([[flag, '1']]);
  // Told at start, by their names.
  if (ignored.includes(flag)) return 'without effect';
  expect(readOptions(server).errors).toEqual([`unknown flag: --${flag}`]);
  return 'refused';
}

const withFate = (fate: Fate) => upstream.filter((flag) => fateOf(flag) === fate);

test('those that are about what is not here are taken, and said to be without effect', () => {
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

test('those that would change something which is not done here are refused', () => {
  expect(withFate('refused')).toEqual([
    'allow-metric-labels',
    'allow-metric-labels-manifest',
    'cors-allowed-origins',
    'disable-http2-serving',
    'disabled-metrics',
    'service-account-signing-endpoint',
    'show-hidden-metrics-for-version',
    'strict-transport-security-directives',
    'tls-cipher-suites',
    'tls-curve-preferences',
    'tls-sni-cert-key',
  ]);
});

test('those that are taken are looked at somewhere', () => {
  const sources = ['shared', 'functions', 'infra'].flatMap((folder) =>
    readdirSync(new URL(`../../../${folder}`, import.meta.url), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts') && !/server\/(?:options|validate-options)\.ts$/.test(file))
      .map((file) => readFileSync(new URL(`../../../${folder}/${file}`, import.meta.url), 'utf8')),
  );
  const words = new Set(sources.flatMap((text) => text.match(/\b[a-z]\w+\b/g) ?? []));
  // The audit backends' are read under names that are put together.
  const unread = Object.keys(FLAGS).filter((key) => !words.has(key) && !/^audit(?:Log|Webhook)/.test(key));
  expect(unread).toEqual([]);
});

test("a host that listens in its own way takes them too, and unknown ones are its server's to refuse", () => {
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
  });
});
