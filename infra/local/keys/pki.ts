/**
 * The local server's own certificates, created at first start and kept: a CA for clients and the server, one for the
 * front proxy, and the key that signs service account tokens.
 */

import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertificateSpec,
  issueCertificate,
  type KeyPair,
  newSigningKey,
} from '../../../shared/util/issue-certificate.ts';
import { type Authority, chainOfAuthorities, finishRotation, trustedAuthorities } from './authorities.ts';
import { signingKeyFile } from './service-account-keys.ts';

/** All in PEM. Certificates sent to others have chains to former CAs as well. */
export interface PKI {
  readonly ca: KeyPair;
  /** The CA, and former ones that are still trusted. */
  readonly trusted: string;
  /** Certificates from the CA to former ones. */
  readonly chain: string;
  readonly server: KeyPair;
  readonly admin: KeyPair;
  readonly frontProxyCA: KeyPair;
  readonly frontProxyClient: KeyPair;
  readonly serviceAccountKey: string;
}

const DAY_MS = 24 * 3600 * 1000;

// Unique, so that certificates of another data directory's CA are not attributed to this one by name.
const unique = (name: string): string => `CN=${name}-${randomBytes(4).toString('hex')}`;

/** The names of a server on this machine. */
export const SERVER_HOSTS: readonly string[] = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '::1',
  '10.0.0.1',
];

/** Of clients and the server, and of the front proxy. */
export const AUTHORITIES: readonly Authority[] = [
  { name: 'ca', newSubject: () => unique('zeroplane-ca') },
  { name: 'front-proxy-ca', newSubject: () => unique('front-proxy-ca') },
];

/** Files that are assembled at each start. */
export const trustedFile = (folder: string, authority: string): string =>
  join(folder, `${authority}-trusted.crt`);
export const frontProxyClientFile = (folder: string): string => join(folder, 'front-proxy-client-chain.crt');

/** Certificates signed by the CAs, by file name. */
const LEAVES: readonly { readonly file: string; readonly issuer: string; readonly issue: CertificateSpec }[] =
  [
    {
      file: 'apiserver',
      issuer: 'ca',
      issue: {
        name: 'CN=kube-apiserver',
        usage: 'server',
        hosts: SERVER_HOSTS,
      },
    },
    {
      file: 'admin',
      issuer: 'ca',
      issue: { name: 'O=system:masters, CN=kubernetes-admin', usage: 'client' },
    },
    {
      file: 'front-proxy-client',
      issuer: 'front-proxy-ca',
      issue: { name: 'CN=front-proxy-client', usage: 'client' },
    },
  ];

/** Whether `ensurePKI` has completed in this folder: it writes this file last. */
export const isComplete = (folder: string): boolean => existsSync(frontProxyClientFile(folder));

/**
 * Reads the folder's PKI, creating what is missing at the first start. Later, certificates of the server and its clients
 * are replaced if they are unusable, but not the keys that others depend on: throws Error with advice if one of these is
 * lost or damaged. Keys are readable by the owner only.
 */
export async function ensurePKI(folder: string): Promise<PKI> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const isStarted = isComplete(folder);
  const pairs = new Map<string, KeyPair>();
  for (const { name, newSubject } of AUTHORITIES) {
    finishRotation(folder, name);
    if (isStarted) requirePair(folder, name);
    pairs.set(name, await ensurePair(join(folder, name), { name: newSubject(), usage: 'ca' }));
    writeFileSync(trustedFile(folder, name), trustedAuthorities(folder, name));
  }
  for (const { file, issuer, issue } of LEAVES) {
    pairs.set(file, await ensurePair(join(folder, file), issue, pairs.get(issuer)));
  }
  const serviceAccountPath = signingKeyFile(folder);
  if (isStarted) requireKey(folder, serviceAccountPath);
  else if (!isKey(serviceAccountPath)) writeFileSync(serviceAccountPath, newSigningKey(), { mode: 0o600 });
  const frontProxyClient = pairs.get('front-proxy-client')!;
  const frontProxyChain = chainOfAuthorities(folder, 'front-proxy-ca');
  writeFileSync(frontProxyClientFile(folder), `${frontProxyClient.certificate}${frontProxyChain}`);
  const chain = chainOfAuthorities(folder, 'ca');
  const server = pairs.get('apiserver')!;
  return {
    ca: pairs.get('ca')!,
    trusted: readFileSync(trustedFile(folder, 'ca'), 'utf8'),
    chain,
    server: { ...server, certificate: `${server.certificate}${chain}` },
    admin: pairs.get('admin')!,
    frontProxyCA: pairs.get('front-proxy-ca')!,
    frontProxyClient,
    serviceAccountKey: readFileSync(serviceAccountPath, 'utf8'),
  };
}

/** The pair in the files, recreated if it is unusable. `path`: of both, without extensions. */
async function ensurePair(path: string, spec: CertificateSpec, issuer?: KeyPair): Promise<KeyPair> {
  const paths = { certificate: `${path}.crt`, key: `${path}.key` };
  if (!isUsable(paths, issuer)) {
    const pair = await issueCertificate(spec, issuer);
    writeFileSync(paths.key, pair.key, { mode: 0o600 });
    writeFileSync(paths.certificate, pair.certificate);
  }
  return { certificate: readFileSync(paths.certificate, 'utf8'), key: readFileSync(paths.key, 'utf8') };
}

/**
 * Whether the pair exists, is issued by the current CA, and is valid for another month: a server that is restarted now
 * and then never has an expired certificate.
 */
function isUsable(paths: { certificate: string; key: string }, issuer: KeyPair | undefined): boolean {
  if (pairFault(paths) !== undefined) return false;
  const certificate = new X509Certificate(readFileSync(paths.certificate));
  const authority = issuer && new X509Certificate(issuer.certificate);
  if (authority !== undefined && !certificate.verify(authority.publicKey)) return false;
  return Date.parse(certificate.validTo) > Date.now() + 30 * DAY_MS;
}

/** The reason why a certificate and its key can't be used, with the file; unset: they can. */
function pairFault(paths: { certificate: string; key: string }): string | undefined {
  for (const path of [paths.certificate, paths.key]) if (!existsSync(path)) return `${path} is lost`;
  if (!isKey(paths.key)) return `${paths.key} is damaged`;
  try {
    const certificate = new X509Certificate(readFileSync(paths.certificate));
    const belongs = certificate.checkPrivateKey(createPrivateKey(readFileSync(paths.key)));
    return belongs ? undefined : `${paths.key} is not the key of ${paths.certificate}`;
  } catch {
    return `${paths.certificate} is damaged`;
  }
}

function isKey(path: string): boolean {
  try {
    createPrivateKey(readFileSync(path));
    return true;
  } catch {
    return false;
  }
}

function requirePair(folder: string, name: string): void {
  const fault = pairFault({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });
  if (fault !== undefined) throw keyError(folder, fault);
}

function requireKey(folder: string, path: string): void {
  if (isKey(path)) return;
  throw keyError(folder, existsSync(path) ? `${path} is damaged` : `${path} is lost`);
}

const keyError = (folder: string, fault: string): Error =>
  new Error(
    `${fault}: restore it, or delete ${folder} to start with new keys and certificates, which end all kubeconfigs and tokens`,
  );
