import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Gateway } from '../../../infra/emulator/gateway.ts';
import type { LocalParameterStore } from '../../../infra/emulator/parameter-store.ts';
import { type SamLocalOptions, samLocal } from '../../../infra/emulator/sam-local.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-sam-'));
const GATEWAY = 'https://local.execute-api.us-east-1.amazonaws.com/v1';
const options: SamLocalOptions = {
  deployment: {
    gateway: { template: { stage: 'v1' } } as Gateway,
    tableName: 'zeroplane-local',
    parameterStore: { endpoint: 'http://127.0.0.1:2/secret' } as LocalParameterStore,
  },
  dynamodbEndpoint: 'http://127.0.0.1:1',
  folder,
  tenant: 'local',
  parameters: {},
};
const variables = () => JSON.parse(readFileSync(join(folder, 'sam-local.json'), 'utf8')).Parameters;

test.each<[string, Partial<SamLocalOptions>, object]>([
  [
    'in Docker Desktop containers',
    {},
    {
      ZEROPLANE_ARGUMENTS: `--service-account-issuer=${GATEWAY}`,
      AWS_ENDPOINT_URL_DYNAMODB: 'http://host.docker.internal:1',
      AWS_ENDPOINT_URL_SSM: 'http://host.docker.internal:2/secret',
    },
  ],
  [
    'at an address of this machine',
    { containersAt: '127.0.0.2' },
    {
      ZEROPLANE_ARGUMENTS: `--service-account-issuer=${GATEWAY}`,
      AWS_ENDPOINT_URL_DYNAMODB: expect.stringMatching(/^http:\/\/127\.0\.0\.2:\d+$/),
      AWS_ENDPOINT_URL_SSM: expect.stringMatching(/^http:\/\/127\.0\.0\.2:\d+\/secret$/),
    },
  ],
  [
    'with flags and a domain',
    { parameters: { ServerArguments: '--v=4', DomainName: 'acme.example.com' } },
    {
      ZEROPLANE_ARGUMENTS: '--v=4 --service-account-issuer=https://acme.example.com',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://host.docker.internal:1',
      AWS_ENDPOINT_URL_SSM: 'http://host.docker.internal:2/secret',
    },
  ],
])('functions run %s on the data and under the issuer of the gateway', async (_, given, expected) => {
  const sam = await samLocal({ ...options, ...given });
  expect(variables()).toEqual({ ZEROPLANE_TABLE: 'zeroplane-local', ...expected });
  sam.close();
});

test("the command has all of sam's requirements, and the file is private", async () => {
  const { command } = await samLocal(options);
  expect(command.split(' --')).toEqual([
    'sam local start-api',
    `env-vars ${folder}/sam-local.json`,
    `ssl-cert-file ${folder}/pki/apiserver.crt`,
    `ssl-key-file ${folder}/pki/apiserver.key`,
    'parameter-overrides Tenant=local',
  ]);
  expect(statSync(join(folder, 'sam-local.json')).mode & 0o777).toBe(0o600);
});
