/** The functions' log lines for requests: JSON with metrics, without secrets. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeployedTenant, deployTenant } from '../fixtures/gateway.ts';

const ADMIN = 'the-admin-token';
const UNKNOWN_TOKEN = 'an-unknown-token';
const SECRET = 'what-nobody-may-read';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

type Line = Readonly<Record<string, unknown>>;
const texts: string[] = [];
let tenant: DeployedTenant;
beforeAll(async () => {
  tenant = await deployTenant({
    tenant: 'logged',
    parameters: {
      ServerArguments: '--authorization-mode=RBAC --token-auth-file=/zeroplane/logged/files/tokens.csv',
    },
    files: { 'tokens.csv': `${ADMIN},admin,1,system:masters\n` },
    onLog: (_name, line) => texts.push(line),
  });
}, 240_000);
afterAll(() => tenant?.close());

/** Waits for the log line of the request with this audit ID. */
async function lineOf(auditID: unknown): Promise<Line> {
  const isIt = (line: Line) => line['message'] === 'request' && line['auditID'] === auditID;
  return await expect
    .poll(() => lines().find(isIt), { timeout: 5_000 })
    .toBeDefined()
    .then(() => lines().find(isIt)!);
}

const lines = (): Line[] => texts.map((text) => JSON.parse(text) as Line);

const number = expect.any(Number) as number;

test('a write is logged with its kind, duration and DynamoDB usage', async () => {
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { password: SECRET },
  };
  await tenant.request(ADMIN, 'GET', '/api/v1/namespaces/default/secrets');
  const { status, headers } = await tenant.request(ADMIN, 'POST', '/api/v1/namespaces/default/secrets', body);
  expect(status).toBe(201);
  const line = await lineOf(headers['audit-id']);
  expect(line).toEqual({
    level: 'info',
    message: 'request',
    requestId: expect.stringMatching(/^KubeApiserverFunction-\d+$/) as string,
    tenant: 'logged',
    code: 201,
    auditID: headers['audit-id'],
    verb: 'create',
    version: 'v1',
    resource: 'secrets',
    namespace: 'default',
    bytes: number,
    Function: 'kube-apiserver',
    Requests: 1,
    ColdStarts: 0,
    ServerErrors: 0,
    TooManyRequests: 0,
    DynamoDBCalls: number,
    ReadUnits: number,
    WriteUnits: number,
    Milliseconds: number,
    _aws: {
      Timestamp: number,
      CloudWatchMetrics: [
        {
          Namespace: 'Zeroplane',
          Dimensions: [['Function']],
          Metrics: [
            { Name: 'Requests', Unit: 'Count' },
            { Name: 'ColdStarts', Unit: 'Count' },
            { Name: 'ServerErrors', Unit: 'Count' },
            { Name: 'TooManyRequests', Unit: 'Count' },
            { Name: 'DynamoDBCalls', Unit: 'Count' },
            { Name: 'ReadUnits', Unit: 'Count' },
            { Name: 'WriteUnits', Unit: 'Count' },
            { Name: 'Milliseconds', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
  });
  expect(line['WriteUnits']).toBeGreaterThan(0);
  expect(line['DynamoDBCalls']).toBeGreaterThan(0);
}, 60_000);

test('a watch is logged in seconds, and not part of latency metrics', async () => {
  const { headers } = await tenant.request(ADMIN, 'GET', `${CONFIGMAPS}?watch=true&timeoutSeconds=1`);
  const line = await lineOf(headers['audit-id']);
  expect(line).toMatchObject({ verb: 'watch', resource: 'configmaps', code: 200, WatchSeconds: number });
  expect(line).not.toHaveProperty('Milliseconds');
  expect(line['WatchSeconds']).toBeGreaterThanOrEqual(1);
}, 60_000);

test.each([
  ['belongs to an unknown user', UNKNOWN_TOKEN, 'GET', CONFIGMAPS, { code: 401, verb: 'list' }],
  [
    'belongs to a missing object',
    ADMIN,
    'GET',
    `${CONFIGMAPS}/gone`,
    { code: 404, resource: 'configmaps', name: 'gone' },
  ],
  [
    'belongs to a non-resource request',
    ADMIN,
    'GET',
    '/version',
    { code: 200, path: '/version', Function: 'aggregator' },
  ],
  ['belongs to an unknown resource', ADMIN, 'GET', '/api/v1/made-up', { code: 404, verb: 'list' }],
])(
  'a line that %s',
  async (_what, token, method, path, expected) => {
    const { headers } = await tenant.request(token, method, path);
    const line = await lineOf(headers['audit-id']);
    expect(line).toMatchObject({ level: 'info', tenant: 'logged', ...expected });
    if (expected.code === 404 && !('name' in expected)) expect(line).not.toHaveProperty('resource');
  },
  60_000,
);

test('the controllers log each turn', async () => {
  await tenant.run(['create', 'namespace', 'seen']);
  await tenant.stream.idle();
  const turns = lines().filter(({ message }) => message === 'controllers');
  expect(turns.length).toBeGreaterThan(0);
  expect(turns.at(-1)).toMatchObject({
    level: 'info',
    tenant: 'logged',
    changes: number,
    Function: 'controllers',
    ControllerFailures: 0,
    Milliseconds: number,
  });
}, 60_000);

test('tokens, data and bodies are not logged', () => {
  expect(texts.length).toBeGreaterThan(5);
  for (const secret of [ADMIN, UNKNOWN_TOKEN, SECRET, Buffer.from(SECRET).toString('base64')]) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  }
});
