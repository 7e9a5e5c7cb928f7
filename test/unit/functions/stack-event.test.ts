import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerStack, isStackEvent } from '../../../functions/adapter/stack-event.ts';

const told: unknown[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  told.push(request.method, JSON.parse(Buffer.concat(chunks).toString()));
  response.statusCode = request.url === '/gone' ? 403 : 200;
  response.end();
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

const IDS = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Bootstrap' };
const PROPERTIES: CloudFormationCustomResourceEvent['ResourceProperties'] = {
  ServiceToken: 'arn',
  ServerArguments: '--v=2',
};
const Data = { Configuration: expect.stringMatching(/^[0-9a-f]{64}$/) };
const event = (RequestType: string, more: object = {}): CloudFormationCustomResourceEvent =>
  ({
    ...IDS,
    ResourceProperties: PROPERTIES,
    RequestType,
    ...more,
  }) as unknown as CloudFormationCustomResourceEvent;

test.each<[string, CloudFormationCustomResourceEvent, Error | undefined, number, object]>([
  ['Create', event('Create'), undefined, 1, { Status: 'SUCCESS', PhysicalResourceId: 'Bootstrap', Data }],
  [
    'Create that fails',
    event('Create'),
    new Error('unknown flag: --x'),
    1,
    { Status: 'FAILED', Reason: 'unknown flag: --x', PhysicalResourceId: 'Bootstrap' },
  ],
  [
    'Update',
    event('Update', { PhysicalResourceId: 'p' }),
    undefined,
    1,
    { Status: 'SUCCESS', PhysicalResourceId: 'p', Data },
  ],
  [
    'Delete',
    event('Delete', { PhysicalResourceId: 'p' }),
    undefined,
    0,
    { Status: 'SUCCESS', PhysicalResourceId: 'p', Data },
  ],
])('%s', async (_, given, failure, times, expected) => {
  // The port is known only now.
  const { port } = server.address() as AddressInfo;
  let made = 0;
  told.length = 0;
  await answerStack({ ...given, ResponseURL: `http://127.0.0.1:${port}/` }, async () => {
    made++;
    if (failure) throw failure;
  });
  expect(made).toBe(times);
  expect(told).toEqual(['PUT', { ...IDS, ...expected }]);
});

test('configurations are compared regardless of order', async () => {
  const { port } = server.address() as AddressInfo;
  const configurationOf = async (ResourceProperties: object) => {
    told.length = 0;
    const given = { ...event('Update'), ResourceProperties, ResponseURL: `http://127.0.0.1:${port}/` };
    await answerStack(given as CloudFormationCustomResourceEvent, async () => {});
    return (told[1] as { Data: { Configuration: string } }).Data.Configuration;
  };
  const { ServiceToken, ServerArguments } = PROPERTIES;
  const configuration = await configurationOf(PROPERTIES);
  expect(await configurationOf({ ServerArguments, ServiceToken })).toBe(configuration);
  expect(await configurationOf({ ServiceToken, ServerArguments: '--v=3' })).not.toBe(configuration);
});

test('a rejected response is an error', async () => {
  const { port } = server.address() as AddressInfo;
  const given = { ...event('Create'), ResponseURL: `http://127.0.0.1:${port}/gone` };
  await expect(answerStack(given, async () => {})).rejects.toThrow(
    "CloudFormation's response URL answered 403",
  );
});

test.each([
  [{ RequestType: 'Create', ResponseURL: 'https://x' }, true],
  [{ Records: [] }, false],
  [{ 'detail-type': 'Scheduled Event' }, false],
  [null, false],
])('%j', (given, expected) => {
  expect(isStackEvent(given)).toBe(expected);
});
