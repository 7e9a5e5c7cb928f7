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
    return `key ${name} reads: when all servers have the file, go on with --use`;
  },
  async use(path) {
    const file = await EncryptionFile.open(path);
    const name = file.use();
    await file.save();
    return `key ${name} encrypts: when all servers have the file, go on with --rewrite`;
  },
  async rewrite(_, options) {
    const store = await openTenantStore(options);
    try {
      return `${await rewriteEncrypted(store)} objects written anew; ${NEXT}`;
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
          `key ${name} is in use by values of ${where}: --rewrite writes objects anew, entries of the log end a day after them`,
        );
      }
      await file.save();
    } finally {
      await store.close();
    }
    return `key ${name} is deleted: no value needs it`;
  },
};

const NEXT = 'a day later, when the log has forgotten the old ones, --delete takes an old key away';

/** Without a step: all but the last, for a stopped local server. Throws Error with the reason if it can't rotate. */
export async function rotateEncryptionKeys(options: RotateEncryptionOptions): Promise<string> {
  const { encryptionProviderConfig: file, dataDir } = options;
  if (file === undefined) throw new Error('name the file of keys: --encryption-provider-config');
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
    return `key ${name} encrypts, ${rewritten} objects written anew; ${NEXT}`;
  } finally {
    await store.close();
  }
}
