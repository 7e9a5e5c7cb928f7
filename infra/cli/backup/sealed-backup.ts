/** The bytes of a backup: its lines, compressed, and encrypted for recipients. */

import { readFile } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import {
  BackupError,
  type BackupRecord,
  readRecords,
  writeRecords,
} from '../../../shared/backup/backup-records.ts';

/**
 * `recipients`: age recipients (`age1...`) who can read it; none: it is not encrypted. Throws Error for invalid ones.
 */
export async function sealBackup(
  records: AsyncIterable<BackupRecord>,
  recipients: readonly string[] = [],
): Promise<Readable> {
  const packed = pipeline(Readable.from(writeRecords(records)), createGzip(), endedElsewhere);
  return recipients.length === 0 ? packed : await encrypted(packed, recipients);
}

/**
 * `identity`: file with age identities (`AGE-SECRET-KEY-...`), as written by age-keygen. Throws BackupError for an
 * incomplete or damaged backup, and if no identity can decrypt it.
 */
export async function* openBackup(
  bytes: AsyncIterable<Uint8Array>,
  identity: string | undefined,
): AsyncGenerator<BackupRecord> {
  const { isSealed, whole } = await peek(bytes);
  if (isSealed && identity === undefined) {
    throw new BackupError('the backup is encrypted: name the file with your age identity (--identity)');
  }
  const packed = isSealed ? await decrypted(whole, identity!) : whole;
  const input = pipeline(packed, createGunzip(), endedElsewhere);
  yield* readRecords(lines(input));
}

/** Failures of a pipeline are reported to the reader of its end. */
const endedElsewhere = (): void => {};

/**
 * The lines of a backup, separated by newlines only: JSON may contain other line separators. Throws BackupError if the
 * stream fails.
 */
async function* lines(input: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Chunks of the current line, which may be as long as an object.
  let begun: string[] = [];
  for await (const chunk of readable(input)) {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    begun.push(first);
    for (const piece of others) {
      yield begun.join('');
      begun = [piece];
    }
  }
  const last = begun.join('') + decoder.end();
  if (last !== '') yield last;
}

async function* readable(input: Readable): AsyncGenerator<Buffer> {
  try {
    yield* input;
  } catch (error) {
    throw new BackupError(`the backup can't be read: ${(error as Error).message}`);
  }
}

const AGE = Buffer.from('age-encryption.org/');

async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ isSealed: boolean; whole: Readable }> {
  const chunks = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < AGE.length) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const all = async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  const whole = Readable.from(all(), { objectMode: false });
  return { isSealed: head.subarray(0, AGE.length).equals(AGE), whole };
}

async function encrypted(plain: Readable, recipients: readonly string[]): Promise<Readable> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new Error(
        `invalid --recipient ${JSON.stringify(recipient)}: age-keygen prints one as "Public key: age1..."`,
      );
    }
  }
  const sealed = await encrypter.encrypt(Readable.toWeb(plain) as ReadableStream<Uint8Array>);
  return Readable.fromWeb(sealed as unknown as WebStream<Uint8Array>);
}

async function decrypted(sealed: Readable, identityFile: string): Promise<Readable> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of await identitiesIn(identityFile)) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // The text is left out, since it may be most of a key.
      throw new Error(
        `${identityFile} has a line that is not an age identity, which begins with "AGE-SECRET-KEY-1"`,
      );
    }
  }
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(sealed) as ReadableStream<Uint8Array>);
    return Readable.fromWeb(plain as unknown as WebStream<Uint8Array>);
  } catch (error) {
    throw new BackupError(`the backup can't be decrypted: ${(error as Error).message}`);
  }
}

async function identitiesIn(file: string): Promise<string[]> {
  const identities = (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0) throw new Error(`${file} has no age identity`);
  return identities;
}
