/** What `/metrics` tells of who was believed, what was allowed or refused, and what watches sent. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-metrics-'));

let server: TestServer;
beforeAll(async () => {
  const tokenAuthFile = join(folder, 'tokens.csv');
  writeFileSync(tokenAuthFile, 'root,admin,0,system:masters\nanna,anna@example.com,1\n');
  server = await startTestServer(
    { authorizationMode: ['RBAC'], tokenAuthFile },
    { authenticator: undefined },
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function as(token: string, method: string, url: string, body?: unknown): Promise<TestAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  return call(server, method, url, { headers, ...(body !== undefined && { body }) });
}

/** Samples of a family, without those of the server's own requests. */
async function samples(pattern: RegExp): Promise<string[]> {
  const { text } = await as('root', 'GET', '/metrics');
  return text.split('\n').filter((line) => pattern.test(line));
}

test('who was believed, and what was allowed', async () => {
  await as('root', 'GET', CONFIGMAPS);
  await as('anna', 'GET', CONFIGMAPS);
  await as('nobody', 'GET', CONFIGMAPS);
  await call(server, 'GET', CONFIGMAPS);
  // The question itself is the administrator's second request.
  expect(await samples(/^(auth\w+_attempts\w*|auth\w+_requests|auth\w+_seconds_count)\{/)).toEqual([
    'authenticated_user_requests{username="admin"} 2',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="other"} 1',
    'authentication_attempts{result="error"} 1',
    'authentication_attempts{result="success"} 4',
    'authentication_duration_seconds_count{result="error"} 1',
    'authentication_duration_seconds_count{result="success"} 4',
    'authorization_attempts_total{result="allowed"} 2',
    'authorization_attempts_total{result="no-opinion"} 2',
    'authorization_duration_seconds_count{result="allowed"} 2',
    'authorization_duration_seconds_count{result="no-opinion"} 2',
  ]);
});

test('webhooks that are gone, and whether they matter', async () => {
  const gone = 'https://127.0.0.1:1/';
  const webhook = (name: string, label: string, url: string, failurePolicy: string): object => ({
    name,
    clientConfig: { url },
    failurePolicy,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 1,
    objectSelector: { matchLabels: { hook: label } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
  });
  try {
    const made = await as('root', 'POST', WEBHOOKS, {
      metadata: { name: 'hooks' },
      webhooks: [
        webhook('gone.example.com', 'gone', gone, 'Fail'),
        webhook('passes.example.com', 'passes', gone, 'Ignore'),
      ],
    });
    expect(made.status).toBe(201);
    const codes: number[] = [];
    for (const hookLabel of ['gone', 'passes']) {
      const metadata = { name: hookLabel, labels: { hook: hookLabel } };
      codes.push((await as('root', 'POST', CONFIGMAPS, { metadata })).status);
    }
    expect(codes).toEqual([500, 201]);
    expect(await samples(/^apiserver_admission_webhook_(request|rejection|fail|\w+_count)/)).toEqual([
      'apiserver_admission_webhook_admission_duration_seconds_count{name="gone.example.com",operation="CREATE",rejected="true",type="validating"} 1',
      'apiserver_admission_webhook_admission_duration_seconds_count{name="passes.example.com",operation="CREATE",rejected="false",type="validating"} 1',
      'apiserver_admission_webhook_fail_open_count{name="passes.example.com",type="validating"} 1',
      'apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="gone.example.com",operation="CREATE",rejection_code="400",type="validating"} 1',
      'apiserver_admission_webhook_request_total{code="400",name="gone.example.com",operation="CREATE",rejected="true",type="validating"} 1',
      'apiserver_admission_webhook_request_total{code="400",name="passes.example.com",operation="CREATE",rejected="false",type="validating"} 1',
    ]);
    expect(
      await samples(
        /^apiserver_admission_controller\w+_count\{name="ValidatingAdmissionWebhook",operation="CREATE",rejected="true"/,
      ),
    ).toEqual([
      'apiserver_admission_controller_admission_duration_seconds_count{name="ValidatingAdmissionWebhook",operation="CREATE",rejected="true",type="validate"} 1',
    ]);
  } finally {
    await as('root', 'DELETE', `${WEBHOOKS}/hooks`);
  }
});

test('events that watches sent', async () => {
  await as('root', 'POST', CONFIGMAPS, { metadata: { name: 'seen' } });
  const watched = await as(
    'root',
    'GET',
    `${CONFIGMAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=seen`,
  );
  const bytes = Buffer.byteLength(watched.text);
  expect(await samples(/^apiserver_watch_events_(total|sizes_sum|sizes_count)\{.*configmaps/)).toEqual([
    `apiserver_watch_events_sizes_sum{group="",resource="configmaps",version="v1"} ${bytes}`,
    'apiserver_watch_events_sizes_count{group="",resource="configmaps",version="v1"} 1',
    'apiserver_watch_events_total{group="",resource="configmaps",version="v1"} 1',
  ]);
});
