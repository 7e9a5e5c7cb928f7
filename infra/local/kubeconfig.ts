/** Kubeconfig files for the local server's control planes. */

import { createPrivateKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface KubeconfigOptions {
  /** Name of cluster, user and context. */
  readonly name: string;
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** SEC 1 or PKCS #1, which every client supports, unlike PKCS #8. Other keys are unchanged. */
function traditionalKey(pem: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }) as string;
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }) as string;
  return pem;
}

/** Renders a kubeconfig with one context. */
export function renderKubeconfig(options: KubeconfigOptions): string {
  const { name } = options;
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    `- name: ${name}`,
    '  cluster:',
    `    server: ${options.server}`,
    `    certificate-authority-data: ${base64(options.certificateAuthority)}`,
    'users:',
    `- name: ${name}-admin`,
    '  user:',
    `    client-certificate-data: ${base64(options.clientCertificate)}`,
    `    client-key-data: ${base64(traditionalKey(options.clientKey))}`,
    'contexts:',
    `- name: ${name}`,
    '  context:',
    `    cluster: ${name}`,
    `    user: ${name}-admin`,
    `current-context: ${name}`,
    '',
  ].join('\n');
}

/** Writes the file for its owner only: it holds a key. */
export function writeKubeconfig(path: string, options: KubeconfigOptions): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, renderKubeconfig(options), { mode: 0o600 });
}
