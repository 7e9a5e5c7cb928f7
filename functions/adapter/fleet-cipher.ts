/** Encrypts the keys of a fleet's tenants with a key in Parameter Store, created on first use. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newServiceUnavailable } from '../../shared/meta/status-error.ts';
import { ExtendedNonceCipher } from '../../shared/storage/encryption/aes-gcm.ts';
import type { Cipher } from '../../shared/storage/encryption/cipher.ts';
import { once } from '../../shared/util/once.ts';
import type { KeyParameters } from './parameter-folder.ts';

const FOLDER = 'keys/tenants';
const NAME = '0001';
/** Parameter Store is eventually consistent: a new parameter may take a while to appear. */
const POLLS = 5;
const POLL_INTERVAL_MS = 1_000;

export function fleetCipher(parameters: KeyParameters): Cipher {
  const cipher = once(async () => new ExtendedNonceCipher(await ensureKey(parameters)));
  return {
    seal: async (plain, context) => (await cipher()).seal(plain, context),
    open: async (sealed, context) => (await cipher()).open(sealed, context),
  };
}

async function ensureKey(parameters: KeyParameters): Promise<Uint8Array> {
  const read = async () => (await parameters.list(FOLDER)).get(NAME);
  let text = await read();
  if (text === undefined) {
    await parameters.create(`${FOLDER}/${NAME}`, randomBytes(32).toString('base64'));
    for (let poll = 0; poll < POLLS && text === undefined; poll++) {
      if (poll > 0) await sleep(POLL_INTERVAL_MS);
      text = await read();
    }
  }
  if (text === undefined) throw newServiceUnavailable("a key was created, but can't be read yet", 1);
  return Buffer.from(text, 'base64');
}
