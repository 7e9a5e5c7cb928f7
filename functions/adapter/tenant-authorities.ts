/**
 * A tenant's CAs: of its clients (`certificates.k8s.io`), and of its aggregator. Each is created on first use, and may
 * be followed by successors: all are trusted, and one signs once every process knows it.
 */

import { X509Certificate } from 'node:crypto';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import type { KeyPair } from '../../shared/util/issue-certificate.ts';
import {
  CACHE_TTL_MS,
  ensure,
  type KeyParameters,
  numbered,
  type ParameterClock,
  ParameterFolder,
} from './parameter-folder.ts';

/** Certificate and key are one parameter, so that they can't get separated. */
const AUTHORITIES = 'keys/authorities';
const CLIENTS = 'kubernetes';
const FRONT_PROXY = 'front-proxy-ca';
export const AUTHORITY_FAMILIES = [CLIENTS, FRONT_PROXY] as const;
const FIRST = 1;
/** Milliseconds for which the absence of a CA is cached. */
const ABSENT_MS = 10_000;

interface Authority extends KeyPair {
  readonly number: number;
}

/** Parameter of the CA with that number: the first has its family's name. */
export function authorityName(family: string, number: number): string {
  return number === FIRST ? family : `${family}-${numbered(number)}`;
}

/** Undefined for names not of the family. */
export function authorityNumber(family: string, name: string): number | undefined {
  if (name === family) return FIRST;
  const number = Number(/-(\d+)$/.exec(name)?.[1]);
  return authorityName(family, number) === name ? number : undefined;
}

/** Number of the CA that has signed a client's certificate. */
export function signerOf({ issuer }: X509Certificate): number | undefined {
  return authorityNumber(CLIENTS, /^CN=(\S+)$/m.exec(issuer)?.[1] ?? '');
}

/** PEM: certificate and key. The first may sign at once, later ones when every process knows them. */
export async function newAuthority(family: string, number: number): Promise<string> {
  const { issueCertificate } = await import('../../shared/util/issue-certificate.ts');
  const name = `CN=${authorityName(family, number)}`;
  const { certificate, key } = await issueCertificate({
    ...{ name, usage: 'ca' },
    ...(number > FIRST && { validFrom: new Date() }),
  });
  return `${certificate}${key}`;
}

export type Authorities = Pick<HostKeys, 'clusterSigning' | 'clientCA' | 'proxyClient' | 'frontProxyCA'>;

/** `appearMs`: milliseconds until a created parameter can be read. */
export function tenantAuthorities(
  parameters: KeyParameters,
  clock: ParameterClock,
  appearMs: number,
): Authorities {
  const folder = new ParameterFolder(async () => familiesOf(await parameters.list(AUTHORITIES)), clock);
  /** Newest first. */
  const find = async (family: string) =>
    (await folder.value()).get(family) ?? (await folder.value(ABSENT_MS)).get(family);
  const signing = async (family: string): Promise<Authority> => {
    const all = await ensure(
      () => find(family),
      async () => (await folder.reread(appearMs)).get(family),
      async () => {
        await parameters.create(`${AUTHORITIES}/${family}`, await newAuthority(family, FIRST));
      },
    );
    return all.find(isKnown) ?? all.at(-1)!;
  };
  const bundle = async (family: string) =>
    (await find(family))?.map(({ certificate }) => certificate).join('');
  return {
    clusterSigning: () => signing(CLIENTS),
    clientCA: () => bundle(CLIENTS),
    proxyClient: frontProxyClient(() => signing(FRONT_PROXY)),
    frontProxyCA: () => bundle(FRONT_PROXY),
  };
}

/** By then every process that verifies certificates has read it. */
function isKnown({ certificate }: Authority): boolean {
  return Date.parse(new X509Certificate(certificate).validFrom) + CACHE_TTL_MS <= Date.now();
}

function familiesOf(found: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Authority[]> {
  const families = AUTHORITY_FAMILIES.map((family) => {
    const all = [...found].flatMap(([name, pem]) => {
      const number = authorityNumber(family, name);
      return number === undefined ? [] : [{ ...splitPair(name, pem), number }];
    });
    return [family, all.sort((a, b) => b.number - a.number)] as const;
  });
  return new Map(families.filter(([, all]) => all.length > 0));
}

/** The client certificate of the aggregator for remote servers; each environment may have a different one. */
function frontProxyClient(authority: () => Promise<KeyPair>): () => Promise<KeyPair> {
  let issued: { readonly by: string; readonly pair: Promise<KeyPair> } | undefined;
  return async () => {
    const by = await authority();
    if (issued?.by !== by.certificate) {
      const { issueCertificate } = await import('../../shared/util/issue-certificate.ts');
      // Another caller may have issued one meanwhile.
      if (issued?.by !== by.certificate) {
        const pair = issueCertificate({ name: 'CN=front-proxy-client', usage: 'client' }, by);
        issued = { by: by.certificate, pair };
      }
    }
    return issued!.pair;
  };
}

function splitPair(name: string, pem: string): KeyPair {
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n?/.exec(pem)?.[0];
  if (key === undefined) throw new Error(`${AUTHORITIES}/${name} has no private key`);
  return { certificate: pem.replace(key, ''), key };
}

/** Creates the newest CA of each family unless it exists, and removes those before the oldest. */
export async function keepAuthorities(
  parameters: KeyParameters & { remove(name: string): Promise<void> },
  { newest, oldest }: { readonly newest: number; readonly oldest: number },
): Promise<void> {
  for (const family of AUTHORITY_FAMILIES) {
    const name = `${AUTHORITIES}/${authorityName(family, newest)}`;
    if (newest > FIRST) await parameters.create(name, await newAuthority(family, newest));
  }
  for (const name of (await parameters.list(AUTHORITIES)).keys()) {
    const numbers = AUTHORITY_FAMILIES.map((family) => authorityNumber(family, name));
    const number = numbers.find((one) => one !== undefined);
    if (number !== undefined && number < oldest) await parameters.remove(`${AUTHORITIES}/${name}`);
  }
}
