/**
 * Service account keys in a local server's folder: `sa.key` signs, and former ones, `sa-0001.key` and so on, still
 * verify. A server reads them when it starts.
 */

import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSigningKey } from '../../../shared/util/issue-certificate.ts';

const SIGNING = 'sa.key';
const FORMER = /^sa-(\d{4,})\.key$/;

const formerFile = (number: string): string => `sa-${number}.key`;

/** Numbers of the former keys, in order. */
function formerKeys(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => FORMER.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

export const signingKeyFile = (folder: string): string => join(folder, SIGNING);

/** Files of all keys that verify tokens. */
export const verifyingKeyFiles = (folder: string): string[] => [
  signingKeyFile(folder),
  ...formerKeys(folder).map((number) => join(folder, formerFile(number))),
];

/**
 * Creates a key that signs from the next start on. Returns the numbers of the former keys. If interrupted, it leaves at
 * most a second file with the current key. Throws Error if there is no key.
 */
export function rotateSigningKey(folder: string): string[] {
  const file = signingKeyFile(folder);
  if (!existsSync(file)) throw new Error(`there is no key ${file}: was the server ever started?`);
  const number = String(Number(formerKeys(folder).at(-1) ?? 0) + 1).padStart(4, '0');
  const next = `${file}.new`;
  writeFileSync(next, newSigningKey(), { mode: 0o600 });
  copyFileSync(file, join(folder, formerFile(number)));
  renameSync(next, file);
  return formerKeys(folder);
}

/** Deletes a former key; its tokens are refused from the next start on. Throws Error if there is no such key. */
export function deleteFormerKey(folder: string, number: string): void {
  const former = formerKeys(folder);
  if (!former.includes(number)) {
    const there = former.length === 0 ? 'there are no older ones' : `there are ${former.join(', ')}`;
    throw new Error(`there is no key ${number}; ${there}`);
  }
  rmSync(join(folder, formerFile(number)));
}
