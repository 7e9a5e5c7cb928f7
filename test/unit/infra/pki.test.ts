import { X509Certificate } from 'node:crypto';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
