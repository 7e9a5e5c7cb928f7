import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicAddresses } from '../../../shared/util/address-guard.ts';

const REFUSED = [
  // This host.
  ['http://127.0.0.1/', '127.0.0.1:80'],
  ['https://127.1/', '127.0.0.1:443'],
  ['https://0x7f000001:6443/', '127.0.0.1:6443'],
  ['https://2130706433/', '127.0.0.1:443'],
  ['https://0/', '0.0.0.0:443'],
  ['https://[::1]/', '[::1]:443'],
  ['https://[::]/', '[::]:443'],
  ['https://[::ffff:127.0.0.1]/', '[::ffff:7f00:1]:443'],
  ['https://[::127.0.0.1]/', '[::7f00:1]:443'],
  ['https://[64:ff9b::127.0.0.1]/', '[64:ff9b::7f00:1]:443'],
  ['https://[64:ff9b::]/', '[64:ff9b::]:443'],
  // Credential endpoints: Lambda's, EC2's and ECS's.
  ['http://169.254.169.254/latest/meta-data', '169.254.169.254:80'],
  ['http://169.254.170.2/v2/credentials', '169.254.170.2:80'],
  ['http://169.254.100.1:9001/', '169.254.100.1:9001'],
  ['http://[fd00:ec2::254]/', '[fd00:ec2::254]:80'],
  ['http://[::ffff:a9fe:a9fe]/', '[::ffff:a9fe:a9fe]:80'],
  ['http://[64:ff9b::a9fe:a9fe]/', '[64:ff9b::a9fe:a9fe]:80'],
  ['http://[2002:a9fe:a9fe::1]/', '[2002:a9fe:a9fe::1]:80'],
  ['http://[2001:0:1::1]/', '[2001:0:1::1]:80'],
  // Private networks, link-local, multicast and broadcast.
  ['https://10.0.0.1/', '10.0.0.1:443'],
  ['https://172.31.255.255/', '172.31.255.255:443'],
  ['https://192.168.1.1/', '192.168.1.1:443'],
  ['https://100.127.0.1/', '100.127.0.1:443'],
  ['https://224.0.0.1/', '224.0.0.1:443'],
  ['https://255.255.255.255/', '255.255.255.255:443'],
  ['https://[fe80::1]/', '[fe80::1]:443'],
  ['https://[fc00::1]/', '[fc00::1]:443'],
  ['https://[ff02::1]/', '[ff02::1]:443'],
] as const;

describe('addresses', () => {
  test.each(REFUSED)('%s is rejected', (url, where) => {
    expect(() => publicAddresses().connection(new URL(url))).toThrow(
      `dial tcp ${where}: address not allowed`,
    );
  });

  test.each([
    'https://8.8.8.8/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://[2600:1f18::1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::8.8.8.8]/',
    'https://name.example/',
  ])('%s is allowed', (url) => {
    expect(() => publicAddresses().connection(new URL(url))).not.toThrow();
  });

  test('addresses in an allowed range', () => {
    const guard = publicAddresses(['10.1.0.0/16', 'fd00:1::/32']);
    guard.connection(new URL('https://10.1.2.3/'));
    guard.connection(new URL('https://[fd00:1::2]/'));
    expect(() => guard.connection(new URL('https://10.2.0.1/'))).toThrow('address not allowed');
    expect(() => guard.connection(new URL('https://[fd00:2::2]/'))).toThrow('address not allowed');
  });

  test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'localhost/8', ''])('%j is not a range', (range) => {
    expect(() => publicAddresses([range])).toThrow(
      `${JSON.stringify(range)} is no range of addresses such as 10.0.0.0/8`,
    );
  });
});

describe('names', () => {
  const server = createServer((_, response) => response.end('reached'));
  let port: number;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());

  const fetchBy = (guard: ReturnType<typeof publicAddresses>, host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const url = new URL(`http://${host}:${port}/`);
      const request = get(url, { ...guard.connection(url), agent: false, timeout: 2000 }, (response) => {
        response.once('data', (chunk) => resolve(String(chunk)));
      });
      request.once('timeout', () => request.destroy(new Error('timeout'))).once('error', reject);
    });

  /** A name server that returns the next of these for each query. */
  const answers = (...all: string[][]) =>
    ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(
        null,
        (all.length > 1 ? all.shift()! : all[0]!).map((address) => ({
          address,
          family: address.includes(':') ? 6 : 4,
        })),
      )) as never;

  test("this machine's own name is rejected", async () => {
    await expect(fetchBy(publicAddresses(), 'localhost')).rejects.toThrow(
      'dial tcp: lookup localhost: address not allowed',
    );
    expect(await fetchBy(publicAddresses(['127.0.0.0/8']), 'localhost')).toBe('reached');
  });

  test.each([
    ['private', ['10.0.0.1']],
    ['the metadata service', ['169.254.169.254', 'fd00:ec2::254']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['link-local', ['fe80::1%lo']],
  ])('a name whose addresses are %s is rejected', async (_, addresses) => {
    await expect(fetchBy(publicAddresses([], answers(addresses)), 'evil.example')).rejects.toThrow(
      'dial tcp: lookup evil.example: address not allowed',
    );
  });

  test('a second resolution of a name is checked again', async () => {
    const guard = publicAddresses(['127.0.0.1/32'], answers(['127.0.0.1'], ['127.0.0.2']));
    expect(await fetchBy(guard, 'rebinding.example')).toBe('reached');
    await expect(fetchBy(guard, 'rebinding.example')).rejects.toThrow('address not allowed');
  });

  test('only the allowed ones of several addresses are connected to', async () => {
    const guard = publicAddresses(['127.0.0.1/32'], answers(['10.255.255.1', '127.0.0.1']));
    expect(await fetchBy(guard, 'mixed.example')).toBe('reached');
  });
});
