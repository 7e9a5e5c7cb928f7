import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensurePKI } from '../../../infra/local/keys/pki.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

test('creates a PKI once, keeps it, and replaces an expiring leaf', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-pki-'));
  const pki = await ensurePKI(folder);
  const ca = new X509Certificate(pki.ca.certificate);
  const admin = new X509Certificate(pki.admin.certificate);
  const server = new X509Certificate(pki.server.certificate);
  expect({
    ca: ca.ca,
    adminSubject: admin.subject,
    adminIssued: admin.checkIssued(ca) && admin.verify(ca.publicKey),
    adminUsage: admin.keyUsage,
    serverIssued: server.verify(ca.publicKey),
    serverUsage: server.keyUsage,
    serverHost: server.checkIP('127.0.0.1') !== undefined && server.checkHost('localhost') !== undefined,
    frontProxyApart: new X509Certificate(pki.frontProxyClient.certificate).verify(ca.publicKey),
    keyMode: statSync(join(folder, 'admin.key')).mode & 0o777,
  }).toEqual({
    ca: true,
    adminSubject: 'O=system:masters\nCN=kubernetes-admin',
    adminIssued: true,
    adminUsage: [CLIENT_AUTH],
    serverIssued: true,
    serverUsage: [SERVER_AUTH],
    serverHost: true,
    frontProxyApart: false,
    keyMode: 0o600,
  });
  expect(await ensurePKI(folder)).toEqual(pki);

  const shortLived = await issueCertificate({ name: 'CN=x', usage: 'client', validForMs: 3600_000 }, pki.ca);
  writeFileSync(join(folder, 'admin.crt'), shortLived.certificate);
  const renewed = await ensurePKI(folder);
  expect(renewed.ca).toEqual(pki.ca);
  expect(new X509Certificate(renewed.admin.certificate).subject).toBe(admin.subject);
});

const RESTORE =
  'restore it, or delete FOLDER to start with new keys and certificates, which end all kubeconfigs and tokens';

describe('files that are lost or damaged after the first start', () => {
  let made: string;
  beforeAll(async () => {
    made = mkdtempSync(join(tmpdir(), 'zeroplane-pki-'));
    await ensurePKI(made);
  });

  test.each<[string, string, string]>([
    ['ca.crt', 'lost', 'FOLDER/ca.crt is lost'],
    ['ca.crt', 'damaged', 'FOLDER/ca.crt is damaged'],
    ['ca.key', 'lost', 'FOLDER/ca.key is lost'],
    ['ca.key', 'damaged', 'FOLDER/ca.key is damaged'],
    ['ca.key', "another's", 'FOLDER/ca.key is not the key of FOLDER/ca.crt'],
    ['front-proxy-ca.crt', 'lost', 'FOLDER/front-proxy-ca.crt is lost'],
    ['front-proxy-ca.key', 'damaged', 'FOLDER/front-proxy-ca.key is damaged'],
    ['sa.key', 'lost', 'FOLDER/sa.key is lost'],
    ['sa.key', 'damaged', 'FOLDER/sa.key is damaged'],
  ])('%s, %s, is not replaced: others depend on it', async (file, harm, expected) => {
    const folder = copy();
    harmed(folder, file, harm);
    const files = readdirSync(folder);
    const reason = `${expected}: ${RESTORE}`.replaceAll('FOLDER', folder);
    await expect(ensurePKI(folder)).rejects.toThrow(new Error(reason));
    expect(readdirSync(folder)).toEqual(files);
  });

  test.each(
    ['apiserver', 'admin', 'front-proxy-client'].flatMap((name) =>
      ['crt', 'key'].flatMap((kind) =>
        ['lost', 'damaged', "another's"].map((harm) => [`${name}.${kind}`, harm] as const),
      ),
    ),
  )('%s, %s, is replaced with its other half', async (file, harm) => {
    const folder = copy();
    harmed(folder, file, harm);
    const { ca, admin, server, frontProxyCA, frontProxyClient } = await ensurePKI(folder);
    const pairs = [
      [server, ca],
      [admin, ca],
      [frontProxyClient, frontProxyCA],
    ] as const;
    for (const [{ certificate, key }, issuer] of pairs) {
      const made = new X509Certificate(certificate);
      expect(made.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(made.verify(new X509Certificate(issuer.certificate).publicKey)).toBe(true);
    }
  });

  test('a first start that was interrupted anywhere is completed by the next', async () => {
    for (const kept of [['ca.key'], ['ca.key', 'ca.crt'], ['ca.key', 'ca.crt', 'admin.key'], ['sa.key']]) {
      const folder = mkdtempSync(join(tmpdir(), 'zeroplane-pki-'));
      for (const file of kept) cpSync(join(made, file), join(folder, file));
      writeFileSync(join(folder, kept.at(-1)!), '');
      await ensurePKI(folder);
      expect(readdirSync(folder)).toEqual(readdirSync(made));
      await ensurePKI(folder);
    }
  });

  function copy(): string {
    const folder = mkdtempSync(join(tmpdir(), 'zeroplane-pki-'));
    cpSync(made, folder, { recursive: true });
    return folder;
  }

  function harmed(folder: string, file: string, harm: string): void {
    const path = join(folder, file);
    if (harm === 'lost') rmSync(path);
    else if (harm === 'damaged') writeFileSync(path, readFileSync(path).subarray(0, 100));
    else cpSync(join(folder, OTHER[file] ?? 'apiserver.key'), path);
  }
});

/** The file of the same form that belongs to another pair. */
const OTHER: Readonly<Record<string, string>> = {
  'apiserver.crt': 'admin.crt',
  'apiserver.key': 'admin.key',
  'admin.crt': 'apiserver.crt',
  'front-proxy-client.crt': 'admin.crt',
};
