/** `zeroplane rotate-authorities`: the next authorities of a local server, and the end of some that nobody needs. */

import { join, resolve } from 'node:path';
import { deleteFormerAuthorities, rotateAuthorities as rotate } from '../local/keys/authorities.ts';
import { AUTHORITIES } from '../local/keys/pki.ts';

export interface RotateAuthoritiesOptions {
  readonly tenant: string;
  /** Data directory of the local server. */
  readonly dataDir: string;
  /** Deletes these authorities in place of making some. */
  readonly delete?: string | undefined;
}

/** Returns what to tell the user. A server may run: it knows of it when it starts again. Throws Error that says why it can't. */
export async function rotateAuthorities(options: RotateAuthoritiesOptions): Promise<string> {
  const { dataDir, tenant } = options;
  const folder = join(resolve(dataDir), 'pki', tenant);
  if (options.delete !== undefined) {
    deleteFormerAuthorities(folder, AUTHORITIES, options.delete);
    return `authorities ${options.delete} are deleted: from the next start on their certificates are refused`;
  }
  const former = await rotate(folder, AUTHORITIES);
  return [
    `other authorities sign from the next start on; certificates of ${former} stay good, and who trusts ${former} trusts them`,
    `when they have ended: zeroplane rotate-authorities --data-dir ${dataDir} --tenant ${tenant} --delete ${former}`,
  ].join('\n');
}
