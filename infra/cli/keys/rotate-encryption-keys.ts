/** `zeroplane rotate-encryption-keys`: adds a key for values at rest, and deletes one that no value needs. */

import { rewriteEncrypted, valuesUnderKey } from '../../../shared/backup/encryption-keys.ts';
import { encryptionOf, openTenantStore, type TenantStoreOptions } from '../tenant-store.ts';
import { EncryptionFile } from './encryption-file.ts';

export interface RotateEncryptionOptions extends TenantStoreOptions {
  /** Adds a key that only decrypts. */
  readonly add?: boolean | undefined;
  /** Makes that key the one that encrypts. */
  readonly use?: boolean | undefined;
  /** Rewrites values under other keys. */
  readonly rewrite?: boolean | undefined;
  /** Removes the key with this name from the file. */
  readonly delete?: string | undefined;
}

type Step = (file: string, options: RotateEncryptionOptions) => Promise<string>;

const STEPS: Readonly<Record<'add' | 'use' | 'rewrite' | 'delete', Step>> = {
  async add(path) {
    const file = await EncryptionFile.open(path);
    const name = file.add();
    await file.save();
    return `key ${name} decrypts: when all servers have the file, continue with --use`;
  },
  async use(path) {
    const file = await EncryptionFile.open(path);
    const name = file.use();
    await file.save();
    return `key ${name} encrypts: when all servers have the file, continue with --rewrite`;
  },
  async rewrite(_, options) {
    const store = await openTenantStore(options);
    try {
      return `${await rewriteEncrypted(store)} objects rewritten; ${NEXT}`;
    } finally {
      await store.close();
    }
  },
  async delete(path, options) {
    const name = options.delete!;
    const file = await EncryptionFile.open(path);
    file.delete(name);
    const store = await openTenantStore(options);
    try {
      const found = [...(await valuesUnderKey(store, name))];
      if (found.length > 0) {
        const where = found.map(([resource, count]) => `${resource} (${count})`).join(', ');
        throw new Error(
          `key ${name} is in use by values of ${where}: --rewrite rewrites objects; entries of the log expire a day after that`,
        );
      }
      await file.save();
    } finally {
      await store.close();
    }
    return `key ${name} is deleted: no value uses it`;
  },
};

const NEXT = 'a day later, when the old entries of the log have expired, --delete removes an old key';

/** Without a step: all but the last, for a stopped local server. Throws Error with the reason if it can't rotate. */
export async function rotateEncryptionKeys(options: RotateEncryptionOptions): Promise<string> {
  const { encryptionProviderConfig: file, dataDir } = options;
  if (file === undefined) throw new Error('name the file with the keys: --encryption-provider-config');
  const steps = (Object.keys(STEPS) as (keyof typeof STEPS)[]).filter((step) => options[step]);
  if (steps.length > 1) throw new Error('one step at a time: --add, --use, --rewrite or --delete');
  if (steps[0] !== undefined) return STEPS[steps[0]](file, options);
  if (dataDir === undefined) {
    throw new Error(
      'servers may run: take the steps one by one, --add, --use, --rewrite, and --delete a day later',
    );
  }
  return rotateAtOnce(file, options);
}

/** The store is open meanwhile, so that no server can run. */
async function rotateAtOnce(path: string, options: RotateEncryptionOptions): Promise<string> {
  const store = await openTenantStore(options);
  try {
    const file = await EncryptionFile.open(path);
    file.add();
    const name = file.use();
    await file.save();
    const rewritten = await rewriteEncrypted({ ...store, transformerFor: await encryptionOf(path) });
    return `key ${name} encrypts, ${rewritten} objects rewritten; ${NEXT}`;
  } finally {
    await store.close();
  }
}
