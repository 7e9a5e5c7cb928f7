import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { issueCertificate } from '../../shared/util/issue-certificate.ts';
import { readLocalFile } from '../../shared/util/read-file.ts';
import { startTestServer, type TestServer } from '../fixtures/api-server.ts';
import { asAdministrator } from './handler-target.ts';

/** A server configured like the peer: its flags, keys, authorities, and kube-apiserver's own controllers. */
export async function startThisServer(options: Partial<ServerRunOptions> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'differential-server-'));
  const keyFile = join(folder, 'service-account.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(keyFile, privateKey.export({ type: 'sec1', format: 'pem' }));
  const clientCAFile = join(folder, 'client-ca.crt');
  writeFileSync(clientCAFile, (await issueCertificate({ name: 'CN=ca', usage: 'ca' })).certificate);
  const server = await startTestServer(
    {
      serviceClusterIPRange: '10.0.0.0/24',
      authorizationMode: ['RBAC'],
      clientCAFile,
      serviceAccountIssuer: ['https://kubernetes.default.svc'],
      serviceAccountSigningKeyFile: keyFile,
      serviceAccountKeyFile: [keyFile],
      ...options,
    },
    { authenticator: asAdministrator, controllers: [], readFile: readLocalFile },
  );
  return {
    ...server,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
