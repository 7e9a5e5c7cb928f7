/** Control planes of a fleet with configurations of their own, used through kubectl. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { controlPlane, type LocalFleet, startLocalFleet } from '../fixtures/fleet.ts';
import { PRIVILEGED, podSecurity } from '../fixtures/pod-security.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../fixtures/webhook-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let fleet: LocalFleet;
let webhook: WebhookServer;
beforeAll(async () => {
  webhook = await startWebhookServer(await testAuthority(), { names: ['localhost'] });
  fleet = await startLocalFleet({ args: ['--allow-addresses=127.0.0.1/32'] });
});
afterAll(async () => {
  await fleet?.stop();
  await webhook?.close();
});

const kubeconfig = (path: string) =>
  JSON.stringify({
    clusters: [
      {
        name: 'hook',
        cluster: {
          server: `https://localhost:${webhook.port}${path}`,
          'certificate-authority-data': webhook.caBundle,
        },
      },
    ],
    contexts: [{ name: 'hook', context: { cluster: 'hook' } }],
    'current-context': 'hook',
  });
const readiness = async (name: string) => {
  const condition = '{range .status.conditions[?(@.type=="Ready")]}{.status} {.reason}: {.message}{end}';
  return fleet.run(['get', 'controlplane', name, '-o', `jsonpath=${condition}`]);
};

/** The status of a request without credentials. */
async function codeOf(path: string): Promise<number | undefined> {
  const sent = get(`${fleet.url}${path}`, { rejectUnauthorized: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('PodSecurity is strict in one control plane, not in another, and can be changed', async () => {
  const strict = await fleet.create('strict', { admission: podSecurity('restricted') });
  const lax = await fleet.create('lax');
  expect(await strict.kubectl(['create', '-f', '-'], PRIVILEGED)).toEqual({
    code: 1,
    stdout: '',
    // The message of kube-apiserver.
    stderr:
      'Error from server (Forbidden): error when creating "STDIN": pods "root" is forbidden: violates PodSecurity "restricted:latest": privileged (container "c" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")\n',
  });
  expect(await lax.run(['create', '-f', '-'], PRIVILEGED)).toBe('pod/root created\n');
  await fleet.run(['apply', '-f', '-'], controlPlane('strict', { admission: podSecurity('privileged') }));
  await expect
    .poll(async () => (await strict.kubectl(['create', '-f', '-'], PRIVILEGED)).stdout, { timeout: 20_000 })
    .toBe('pod/root created\n');
});

test('a configuration without effect is accepted with a warning, a wrong one refused by field', async () => {
  const plugin = {
    name: 'EventRateLimit',
    configuration: { limits: [{ type: 'Server', qps: 1, burst: 1 }] },
  };
  const unused = await fleet.kubectl(
    ['apply', '-f', '-'],
    controlPlane('unused', { admission: { plugins: [plugin] } }),
  );
  expect([unused.stdout, unused.stderr]).toEqual([
    'controlplane.zeroplane.dev/unused created\n',
    'Warning: spec.admission.plugins[0]: EventRateLimit is configured but not enabled\n',
  ]);
  const wrong = await fleet.kubectl(
    ['apply', '-f', '-'],
    controlPlane('wrong', { admission: podSecurity('x') }),
  );
  expect(wrong.stderr).toBe(
    `The ControlPlane "wrong" is invalid: spec.admission.plugins[0].configuration: Invalid value: couldn't init admission plugin "PodSecurity": defaults.enforce: Invalid value: "x": must be one of privileged, baseline, restricted\n`,
  );
});

test('kubectl explain shows configurations', async () => {
  expect(await fleet.run(['explain', 'controlplane.spec.audit.rules.level'])).toBe(`GROUP:      zeroplane.dev
KIND:       ControlPlane
VERSION:    v1alpha1

FIELD: level <string>


DESCRIPTION:
    None, Metadata, Request or RequestResponse.
    

`);
});

test('requests without credentials are allowed where the configuration says so', async () => {
  const anonymous = { enabled: true, conditions: [{ path: '/livez' }] };
  await fleet.create('public', { authentication: { jwt: [], anonymous } });
  await fleet.create('private');
  const answers = ['/tenants/public/livez', '/tenants/public/version', '/tenants/private/livez'].map(codeOf);
  expect(await Promise.all(answers)).toEqual([200, 401, 401]);
});

test('webhooks are reached by kubeconfigs of a Secret, which may follow and change', async () => {
  webhook.behave((review, response) => {
    const { spec } = review as { readonly spec?: object };
    if (spec === undefined) response.end();
    else {
      const allowed = (spec as { readonly user?: string }).user === 'ada';
      response.end(
        JSON.stringify({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          status: { allowed },
        }),
      );
    }
    return undefined;
  });
  const hook = {
    ...{ authorizedTTL: '1m', unauthorizedTTL: '1m', timeout: '3s', subjectAccessReviewVersion: 'v1' },
    ...{ failurePolicy: 'Deny', connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/authz' } },
  };
  const spec = {
    files: { secret: 'files' },
    arguments: ['--audit-webhook-config-file=audit', '--audit-webhook-mode=blocking'],
    audit: { rules: [{ level: 'Metadata', userGroups: ['system:masters'] }, { level: 'None' }] },
    authorization: {
      authorizers: [
        { type: 'RBAC', name: 'rbac' },
        { type: 'Webhook', name: 'hook.example.com', webhook: hook },
      ],
    },
  };
  await fleet.run(['apply', '-f', '-'], controlPlane('hooked', spec));
  await expect
    .poll(() => readiness('hooked'), { timeout: 20_000 })
    .toBe('False InvalidConfiguration: spec.files.secret: there is no Secret files in default');
  const secret = (authz: string, audit: string) =>
    fleet.run(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'files' },
        stringData: { authz, audit },
      }),
    );
  await secret(kubeconfig('/first'), '{');
  await expect
    .poll(() => readiness('hooked'), { timeout: 20_000 })
    .toBe(
      'False InvalidConfiguration: spec.arguments: Invalid value: "--audit-webhook-config-file": /audit: yaml: did not find expected node content',
    );
  await secret(kubeconfig('/first'), kubeconfig('/audit'));
  const hooked = await fleet.create('hooked', spec);
  expect((await hooked.kubectl(['get', 'pods', '--as=ada'])).stderr).toBe(
    'No resources found in default namespace.\n',
  );
  expect((await hooked.kubectl(['get', 'pods', '--as=eve'])).stderr).toContain(
    'pods is forbidden: User "eve" cannot list resource "pods"',
  );
  const paths = () => new Set(webhook.calls.map(({ path }) => path));
  await secret(kubeconfig('/second'), kubeconfig('/audit'));
  await expect
    .poll(
      async () => {
        await hooked.kubectl(['get', 'configmaps', '--as=ada']);
        return paths();
      },
      { timeout: 60_000 },
    )
    .toEqual(new Set(['/first', '/audit', '/second']));
  // Its events are in the fleet's output, too.
  const events = fleet
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"Event"'))
    .map(
      (line) =>
        JSON.parse(line) as { readonly user: { readonly username: string }; readonly annotations: object },
    );
  expect(
    new Set(
      events.map(({ annotations }) => (annotations as Record<string, string>)['zeroplane.dev/control-plane']),
    ),
  ).toEqual(new Set(['hooked']));
  expect(await readiness('hooked')).toBe('True Available: requests are served');
});
