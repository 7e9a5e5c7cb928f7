/**
 * CAs in a local server's folder: `ca` and `front-proxy-ca` sign. Former ones are still trusted, `ca-0001.crt` and so
 * on; clients that only trust those trust the current one by `ca-0001-next.crt`, which they have signed. A server reads
 * them when it starts.
 */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crossSign, issueCertificate, type KeyPair } from '../../../shared/util/issue-certificate.ts';

export interface Authority {
  /** Base name of its files. */
  readonly name: string;
  readonly newSubject: () => string;
}

/** Numbers of the former CAs, in order. */
function formerAuthorities(folder: string, name: string): string[] {
  const pattern = new RegExp(`^${name}-(\\d{4,})\\.crt$`);
  return readdirSync(folder)
    .flatMap((file) => pattern.exec(file)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

const read = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8');

/** Certificates of all trusted CAs, PEM: the one that signs comes first. */
export const trustedAuthorities = (folder: string, name: string): string =>
  [`${name}.crt`, ...formerAuthorities(folder, name).map((number) => `${name}-${number}.crt`)]
    .map((file) => read(folder, file))
    .join('');

/** Certificates from the CA that signs to the former ones, PEM: sent with each certificate. */
export const chainOfAuthorities = (folder: string, name: string): string =>
  formerAuthorities(folder, name)
    .reverse()
    .map((number) => read(folder, `${name}-${number}-next.crt`))
    .join('');

/** Completes a rotation that was interrupted after all files were created: the certificate is the last. */
export function finishRotation(folder: string, name: string): void {
  if (!existsSync(join(folder, `${name}.crt.new`))) return;
  for (const file of [`${name}.key`, `${name}.crt`]) {
    const made = join(folder, `${file}.new`);
    if (existsSync(made)) renameSync(made, join(folder, file));
  }
}

/**
 * Creates CAs that sign from the next start on. Returns the number of the former ones. Throws Error if there are none.
 */
export async function rotateAuthorities(folder: string, authorities: readonly Authority[]): Promise<string> {
  for (const { name } of authorities) {
    if (existsSync(join(folder, `${name}.crt`))) finishRotation(folder, name);
    else throw new Error(`there is no authority ${join(folder, name)}.crt: was the server ever started?`);
  }
  const all = authorities.flatMap(({ name }) => formerAuthorities(folder, name));
  const number = String(Math.max(0, ...all.map(Number)) + 1).padStart(4, '0');
  for (const { name, newSubject } of authorities) {
    const former: KeyPair = { certificate: read(folder, `${name}.crt`), key: read(folder, `${name}.key`) };
    const next = await issueCertificate({ name: newSubject(), usage: 'ca' });
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text, { mode: 0o600 });
    write(`${name}-${number}-next.crt`, await crossSign(next.certificate, former));
    write(`${name}-${number}.crt`, former.certificate);
    write(`${name}.key.new`, next.key);
    write(`${name}.crt.new`, next.certificate);
    finishRotation(folder, name);
  }
  return number;
}

/** Deletes former CAs; their certificates are refused from the next start on. Throws Error for all but the oldest. */
export function deleteFormerAuthorities(
  folder: string,
  authorities: readonly Authority[],
  number: string,
): void {
  const former = formerAuthorities(folder, authorities[0]!.name);
  if (!former.includes(number)) {
    const there = former.length === 0 ? 'there are no older ones' : `there are ${former.join(', ')}`;
    throw new Error(`there are no authorities ${number}; ${there}`);
  }
  if (number !== former[0]) throw new Error(`authorities ${former[0]} are older: delete them first`);
  for (const { name } of authorities) {
    for (const file of [`${name}-${number}-next.crt`, `${name}-${number}.crt`]) rmSync(join(folder, file));
  }
}
