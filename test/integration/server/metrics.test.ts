/** `/metrics` on authentication, authorization, and events sent to watches. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const AUDIT_POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - {level: Metadata, verbs: [delete], resources: [{group: "", resources: [configmaps]}]}
  - {level: None}
`;
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-metrics-'));

let server: TestServer;
beforeAll(async () => {
  const tokenAuthFile = join(folder, 'tokens.csv');
  writeFileSync(tokenAuthFile, 'root,admin,0,system:masters\nanna,anna@example.com,1\n');
  const keyFile = join(folder, 'service-account.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(keyFile, privateKey.export({ type: 'sec1', format: 'pem' }));
  const auditPolicyFile = join(folder, 'policy.yaml');
  writeFileSync(auditPolicyFile, AUDIT_POLICY);
  const allowMetricLabelsManifest = join(folder, 'labels.yaml');
  writeFileSync(allowMetricLabelsManifest, '"apiserver_request_total,code": "200,201"\n');
  server = await startTestServer(
    {
      allowMetricLabelsManifest,
      ...{ authorizationMode: ['RBAC'], tokenAuthFile },
      ...{ auditPolicyFile, auditLogPath: join(folder, 'audit.log') },
      serviceAccountIssuer: ['https://kubernetes.default.svc'],
      serviceAccountSigningKeyFile: keyFile,
      serviceAccountKeyFile: [keyFile],
    },
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

/** Samples of a family, without those caused by the server's own requests. */
async function samples(pattern: RegExp): Promise<string[]> {
  const { text } = await as('root', 'GET', '/metrics');
  return text.split('\n').filter((line) => pattern.test(line));
}

test('authentication and authorization results', async () => {
  await as('root', 'GET', CONFIGMAPS);
  await as('anna', 'GET', CONFIGMAPS);
  await as('nobody', 'GET', CONFIGMAPS);
  await call(server, 'GET', CONFIGMAPS);
  // The request for metrics is the administrator's second one.
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

test('unavailable webhooks, by failure policy', async () => {
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

test('events sent to watches', async () => {
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

test('service account tokens, and authorization decisions', async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await as('root', 'POST', accounts, { metadata: { name: 'bot' } });
  const pod = {
    metadata: { name: 'held' },
    spec: { serviceAccountName: 'bot', containers: [{ name: 'c', image: 'x' }] },
  };
  await as('root', 'POST', '/api/v1/namespaces/default/pods', pod);
  // Bound to a pod, with the lifetime that kubelets request: it is valid for a year, and should be renewed after an
  // hour.
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'held' };
  const spec = { expirationSeconds: 3607, boundObjectRef };
  const { json } = await as('root', 'POST', `${accounts}/bot/token`, { spec });
  const { token } = (json as { status: { token: string } }).status;
  expect((await as(token, 'GET', '/version')).status).toBe(200);
  expect(await samples(/^(serviceaccount_|apiserver_authorization_decisions)/)).toEqual([
    'apiserver_authorization_decisions_total{decision="allowed",name="rbac",type="RBAC"} 1',
    'serviceaccount_invalid_legacy_auto_token_uses_total 0',
    'serviceaccount_legacy_auto_token_uses_total 0',
    'serviceaccount_legacy_manual_token_uses_total 0',
    'serviceaccount_legacy_tokens_total 0',
    'serviceaccount_stale_tokens_total 0',
    'serviceaccount_valid_tokens_total 1',
  ]);
});

test('audit events', async () => {
  await as('root', 'DELETE', `${CONFIGMAPS}/none`);
  expect(await samples(/^apiserver_audit_(event|requests|level_total\{level="Metadata")/)).toEqual([
    'apiserver_audit_event_total 2',
    'apiserver_audit_level_total{level="Metadata"} 1',
    'apiserver_audit_requests_rejected_total 0',
  ]);
});

test('field validation of requests', async () => {
  await as('root', 'POST', `${CONFIGMAPS}?dryRun=All&fieldValidation=Strict`, { metadata: { name: 'x' } });
  await as('root', 'POST', `${CONFIGMAPS}?dryRun=All&fieldValidation=odd`, { metadata: { name: 'x' } });
  expect(await samples(/^field_validation_request_duration_seconds_count\{field_validation="[iS]/)).toEqual([
    'field_validation_request_duration_seconds_count{field_validation="Strict"} 1',
    'field_validation_request_duration_seconds_count{field_validation="invalid"} 1',
  ]);
});

test('pod security evaluations', async () => {
  const prefix = 'pod-security.kubernetes.io/';
  const labels = {
    [`${prefix}enforce`]: 'baseline',
    [`${prefix}enforce-version`]: 'v1.999',
    [`${prefix}warn`]: 'restricted',
    [`${prefix}warn-version`]: 'v1.25',
  };
  await as('root', 'POST', '/api/v1/namespaces', { metadata: { name: 'judged', labels } });
  await as('root', 'POST', '/api/v1/namespaces/judged/serviceaccounts', { metadata: { name: 'default' } });
  const pod = (name: string, privileged: boolean) => ({
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'x', securityContext: { privileged } }] },
  });
  const pods = '/api/v1/namespaces/judged/pods';
  const codes: number[] = [];
  for (const [name, privileged] of [
    ['meek', false],
    ['bold', true],
  ] as const) {
    codes.push((await as('root', 'POST', pods, pod(name, privileged))).status);
  }
  expect(codes).toEqual([201, 403]);
  const request = 'request_operation="create",resource="pod",subresource=""';
  expect(await samples(/^pod_security_\w+\{.*(baseline|restricted)/)).toEqual([
    `pod_security_evaluations_total{decision="allow",mode="enforce",policy_level="baseline",policy_version="future",${request}} 1`,
    `pod_security_evaluations_total{decision="deny",mode="enforce",policy_level="baseline",policy_version="future",${request}} 1`,
    `pod_security_evaluations_total{decision="deny",mode="warn",policy_level="restricted",policy_version="v1.25",${request}} 1`,
  ]);
});

test('label values are restricted to those the file allows', async () => {
  await as('root', 'GET', `${CONFIGMAPS}/none`);
  const codes = (await samples(/^apiserver_request_total\{.*resource="configmaps"/)).map(
    (line) => /code="(\w+)"/.exec(line)![1],
  );
  expect([...new Set(codes)].sort()).toEqual(['200', '201', 'unexpected']);
});

test('requests that the server ended in self-defense', async () => {
  const limited = await startTestServer({ maxRequestsInFlight: 1 });
  try {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(limited, 'GET', CONFIGMAPS)));
    const refused = answers.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    const { text } = await call(limited, 'GET', '/metrics');
    const [, count] = /^apiserver_request_terminations_total\{code="429",[^}]*\} (\d+)$/m.exec(text)!;
    expect(Number(count)).toBe(refused);
  } finally {
    await limited.close();
  }
});

test('a control plane that shares its process tells nothing of it', async () => {
  const tenant = await startTestServer({}, { sharesTable: true });
  try {
    const { text } = await call(tenant, 'GET', '/metrics');
    expect(text).toMatch(/^apiserver_request_total\{/m);
    expect(text).not.toMatch(/^(process|nodejs|zeroplane_dynamodb)_/m);
  } finally {
    await tenant.close();
  }
});
