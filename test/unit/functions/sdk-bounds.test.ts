import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { sdkBounds } from '../../../functions/adapter/sdk-bounds.ts';

test('a missing response is waited for no longer than the timeout, each time', async () => {
  let asked = 0;
  const silent = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => asked++);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const client = new SSMClient({
    ...sdkBounds(50),
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await expect(client.send(new GetParameterCommand({ Name: '/a' }))).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(asked).toBe(4);
  client.destroy();
  silent.close();
});
