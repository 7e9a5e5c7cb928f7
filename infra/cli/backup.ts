/** `zeroplane backup` and `zeroplane restore`: a control plane's objects in one file. */

import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { createGunzip, createGzip } from 'node:zlib';
import { BackupError, readRecords, writeRecords } from '../../shared/backup/backup-records.ts';
import { createBackup } from '../../shared/backup/create-backup.ts';
import { type RestoreScope, restoreBackup } from '../../shared/backup/restore-backup.ts';
import { openTenantStore, type TenantStoreOptions } from './tenant-store.ts';

export interface BackupCommandOptions extends TenantStoreOptions {
  /** File to write; `-` is standard output. */
  readonly output: string;
  readonly events?: boolean | undefined;
  /** age recipients (`age1...`) who may read it; none: it is not encrypted. */
  readonly recipient?: readonly string[] | undefined;
}

/** Writes beside the file and renames at the end: what has the name is whole. Readable by its owner alone. */
export async function backup(options: BackupCommandOptions): Promise<void> {
  const store = await openTenantStore(options);
  try {
    const { tenant: source, events } = options;
    const lines = writeRecords(createBackup(store, { source, events, now: Date.now() }));
    const packed = Readable.from(lines).pipe(createGzip());
    const { recipient: recipients = [] } = options;
    const bytes = recipients.length === 0 ? packed : await encrypted(packed, recipients);
    if (options.output === '-') {
      await pipeline(bytes, process.stdout);
      return;
    }
    const part = `${options.output}.part`;
    try {
      await pipeline(bytes, createWriteStream(part, { mode: 0o600 }));
      renameSync(part, options.output);
    } finally {
      rmSync(part, { force: true });
    }
  } finally {
    await store.close();
  }
}

export interface RestoreCommandOptions extends TenantStoreOptions {
  readonly input: string;
  /** File with age identities (`AGE-SECRET-KEY-...`), as age-keygen writes it. */
  readonly identity?: string | undefined;
  readonly resource?: readonly string[] | undefined;
  readonly namespace?: readonly string[] | undefined;
}

/** Reads all of the backup once before it writes anything. */
export async function restore(options: RestoreCommandOptions): Promise<void> {
  if (!existsSync(options.input)) throw new Error(`there is no file ${options.input}`);
  let objects = 0;
  for await (const record of records(options)) if ('key' in record) objects++;
  if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const store = await openTenantStore(options, { create: true });
  try {
    const scope: RestoreScope = { resources: options.resource, namespaces: options.namespace };
    const { written, unchanged, deleted } = await restoreBackup(store, records(options), scope);
    console.error(
      `${objects} objects in the backup: ${written} written, ${unchanged} unchanged, ${deleted} others deleted`,
    );
  } finally {
    await store.close();
  }
}

async function* records({ input, identity }: RestoreCommandOptions) {
  const file = createReadStream(input);
  const sealed = await isSealed(input);
  if (sealed && identity === undefined) {
    throw new BackupError('the backup is encrypted: name the file with your age identity (--identity)');
  }
  const bytes = sealed ? await decrypted(file, identity!) : file;
  const text = bytes.pipe(createGunzip());
  const lines = createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  for (const stream of [file, bytes]) stream.on('error', (error: Error) => text.destroy(error));
  yield* readRecords(readable(lines));
}

async function* readable(lines: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw new BackupError(`the backup can't be read: ${(error as Error).message}`);
  }
}

const AGE = 'age-encryption.org/';

async function isSealed(input: string): Promise<boolean> {
  for await (const chunk of createReadStream(input, { end: AGE.length - 1 })) {
    return (chunk as Buffer).toString('latin1') === AGE;
  }
  return false;
}

async function encrypted(plain: Readable, recipients: readonly string[]): Promise<Readable> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new Error(
        `invalid --recipient ${JSON.stringify(recipient)}: an age recipient begins with "age1"`,
      );
    }
  }
  const sealed = await encrypter.encrypt(Readable.toWeb(plain) as ReadableStream<Uint8Array>);
  return Readable.fromWeb(sealed as unknown as WebStream<Uint8Array>);
}

async function decrypted(sealed: Readable, identityFile: string): Promise<Readable> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  const identities = (await readFile(identityFile, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0) throw new Error(`${identityFile} has no age identity`);
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(sealed) as ReadableStream<Uint8Array>);
    return Readable.fromWeb(plain as unknown as WebStream<Uint8Array>);
  } catch (error) {
    throw new BackupError(`the backup can't be decrypted: ${(error as Error).message}`);
  }
}
