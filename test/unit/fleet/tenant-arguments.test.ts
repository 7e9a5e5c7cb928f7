import { expect, test } from 'vitest';
import { parseTenantArguments } from '../../../shared/fleet/tenant-arguments.ts';

test.each<[string[], string | undefined, object]>([
  [[], undefined, { authorizationMode: ['RBAC'] }],
  [['--event-ttl=2h'], '1.25', { eventTTLSeconds: 7200, emulatedVersion: ['1.25'] }],
  // Removed since then, and a gate of that time.
  [['--feature-gates=EphemeralContainers=true'], '1.22', { emulatedVersion: ['1.22'] }],
])('%j at %s', async (given, version, options) => {
  const parsed = await parseTenantArguments({ arguments: given, version });
  expect(parsed.options).toMatchObject(options);
});

test.each<[string[], string | undefined, string]>([
  [
    ['--emulated-version=1.25'],
    undefined,
    "--emulated-version can't be chosen by a control plane of a fleet",
  ],
  [
    [
      ...['--no-such-flag=1', '--event-ttl=x', '--token-auth-file=/etc/passwd'],
      ...['--audit-log-path=/tmp/x', '--authorization-mode=AlwaysAllow', '--service-cluster-ip-range=x'],
    ],
    undefined,
    [
      'unknown flag: --no-such-flag',
      'invalid argument "x" for "--event-ttl" flag: time: invalid duration "x"',
      "--token-auth-file can't be chosen by a control plane of a fleet",
      "--audit-log-path can't be chosen by a control plane of a fleet",
      "--authorization-mode=AlwaysAllow can't be chosen by a control plane of a fleet",
    ].join('\n'),
  ],
  // Authorizers with webhooks are in spec.authorization.
  ...['authorization-webhook-config-file', 'authorization-config'].map(
    (flag): [string[], undefined, string] => [
      [`--${flag}=/x`],
      undefined,
      `--${flag} can't be chosen by a control plane of a fleet`,
    ],
  ),
  [['--feature-gates=EphemeralContainers=true'], undefined, 'unrecognized feature gate: EphemeralContainers'],
  [
    ['--min-compatibility-version=1.26'],
    '1.25',
    'minCompatibilityVersion version 1.26 is not between [1.20, 1.25]',
  ],
])('%j at %s is rejected', async (given, version, message) => {
  await expect(parseTenantArguments({ arguments: given, version })).rejects.toThrow(message);
});
