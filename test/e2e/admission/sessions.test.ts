/**
 * Each admission plugin from a user's point of view: the sessions in `sessions/`, run by kubectl against
 * `zeroplane start`.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateRequest } from '../../fixtures/certificate-request.ts';
import { runStep, stepsOf } from '../../fixtures/console-session.ts';
import { type LocalServer, startLocalServer } from '../../fixtures/local-server.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';
import { answerByName, answerImages } from './webhooks.ts';

const SESSIONS = join(import.meta.dirname, 'sessions');
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-admission-'));

/** Servers by flags, with the sessions that run on them. */
const SERVERS: readonly { readonly flags: readonly string[]; readonly sessions: readonly string[] }[] = [
  {
    flags: [],
    sessions: [
      'certificates',
      'limit-ranger',
      'mutating-admission-policy',
      'namespace-lifecycle',
      'persistent-volume-claim-resize',
      'pod-security',
      'priority',
      'resource-quota',
      'runtime-class',
      'service-account',
      'validating-admission-policy',
      'webhooks',
    ],
  },
  {
    flags: [
      '--enable-admission-plugins=DenyServiceExternalIPs,EventRateLimit,ImagePolicyWebhook,NodeRestriction',
      '--enable-admission-plugins=OwnerReferencesPermissionEnforcement,PodNodeSelector,PodTolerationRestriction',
      `--admission-control-config-file=${join(folder, 'admission.yaml')}`,
    ],
    sessions: [
      'deny-service-external-ips',
      'event-rate-limit',
      'image-policy-webhook',
      'node-restriction',
      'owner-references-permission-enforcement',
      'pod-node-selector',
      'pod-toleration-restriction',
    ],
  },
  {
    flags: ['--enable-admission-plugins=PodSecurityPolicy', '--runtime-config=policy/v1beta1=true'],
    sessions: ['pod-security-policy'],
  },
];

let webhook: WebhookServer;
let images: WebhookServer;
let variables: Record<string, string>;

beforeAll(async () => {
  const authority = await testAuthority();
  webhook = await startWebhookServer(authority);
  webhook.behave(answerByName);
  images = await startWebhookServer(authority);
  images.behave(answerImages);
  variables = {
    WEBHOOK_URL: webhook.url,
    CA_BUNDLE: webhook.caBundle,
    CSR: (await certificateRequest({ name: 'CN=one' })).request,
    MASTERS_CSR: (await certificateRequest({ name: 'O=system:masters, CN=root' })).request,
  };
  writeFileSync(join(folder, 'ca.pem'), authority.authority.pem);
  writeFileSync(join(folder, 'images.kubeconfig'), kubeconfigOf(images.url));
  writeFileSync(join(folder, 'admission.yaml'), ADMISSION_CONFIGURATION);
});
afterAll(async () => {
  await webhook.close();
  await images.close();
  rmSync(folder, { recursive: true });
});

test('every session runs on a server', () => {
  const files = readdirSync(SESSIONS).map((file) => file.replace(/\.md$/, ''));
  expect(SERVERS.flatMap(({ sessions }) => sessions).sort()).toEqual(files.sort());
});

describe.each(SERVERS)('$flags', ({ flags, sessions }) => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startLocalServer({ args: flags });
  });
  afterAll(() => server.stop());

  test.each(sessions)('%s', { timeout: 120_000 }, async (name) => {
    const steps = stepsOf(readFileSync(join(SESSIONS, `${name}.md`), 'utf8'));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      const output = await runStep(step, { ...variables, KUBECONFIG: server.kubeconfig });
      expect({ command: step.command, output }).toEqual(step);
    }
  });
});

const ADMISSION_CONFIGURATION = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  configuration:
    apiVersion: eventratelimit.admission.k8s.io/v1alpha1
    kind: Configuration
    limits: [{type: Namespace, qps: 1, burst: 2}]
- name: ImagePolicyWebhook
  configuration:
    imagePolicy: {kubeConfigFile: ${join(folder, 'images.kubeconfig')}, retryBackoff: 1}
`;

function kubeconfigOf(url: string): string {
  return `
clusters:
- name: images
  cluster: {certificate-authority: ${join(folder, 'ca.pem')}, server: "${url}"}
users: [{name: server, user: {}}]
contexts: [{name: images, context: {cluster: images, user: server}}]
current-context: images
`;
}
