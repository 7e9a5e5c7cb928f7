/** `zeroplane rotate-keys`: creates a tenant's next service account key, and deletes one that is no longer needed. */

import { numbered } from '../../../functions/adapter/parameter-folder.ts';
import { newSigningKey } from '../../../shared/util/issue-certificate.ts';
import { deleteFormerKey, rotateSigningKey } from '../../local/keys/service-account-keys.ts';
import { type ConnectionOptions, connectParameterStore } from '../parameter-store.ts';
import { keyFolder } from './key-folder.ts';

export interface RotateKeysOptions extends ConnectionOptions {
  readonly tenant: string;
  /** Data directory of the local server. Unset: the tenant is a stack in AWS. */
  readonly dataDir?: string | undefined;
  /** Deletes this key instead of creating one. */
  readonly delete?: string | undefined;
}

/** Returns a message for the user. Throws Error with the reason if it can't rotate. */
export async function rotateKeys(options: RotateKeysOptions): Promise<string> {
  const { dataDir } = options;
  return dataDir === undefined ? rotateInStack(options) : rotateInFolder({ ...options, dataDir });
}

/** A running server notices at its next start. */
function rotateInFolder(options: RotateKeysOptions & { readonly dataDir: string }): string {
  const { dataDir, tenant } = options;
  const folder = keyFolder(dataDir, tenant, 'signingKey');
  if (options.delete !== undefined) {
    deleteFormerKey(folder, options.delete);
    return `key ${options.delete} is deleted: from the next start on its tokens are refused`;
  }
  const former = rotateSigningKey(folder);
  return [
    `a new key signs from the next start on; tokens of ${former.join(', ')} stay valid`,
    `when they have expired: zeroplane rotate-keys --data-dir ${dataDir} --tenant ${tenant} --delete ${former[0]}`,
  ].join('\n');
}

async function rotateInStack(options: RotateKeysOptions): Promise<string> {
  const { sdk, client } = await connectParameterStore(options);
  const folder = `/zeroplane/${options.tenant}/keys/service-account`;
  const names: string[] = [];
  for await (const { Parameters = [] } of sdk.paginateGetParametersByPath({ client }, { Path: folder })) {
    for (const { Name = '' } of Parameters) names.push(Name.slice(folder.length + 1));
  }
  names.sort();
  const newest = names.at(-1);
  if (newest === undefined) {
    throw new Error(`there is no key below ${folder}: is ${options.tenant} deployed here, and was it used?`);
  }
  if (options.delete !== undefined) {
    if (!names.includes(options.delete)) {
      throw new Error(`there is no key ${options.delete}; there are ${names.join(', ')}`);
    }
    if (options.delete === newest) throw new Error(`key ${newest} signs: it can't be deleted`);
    await client.send(new sdk.DeleteParameterCommand({ Name: `${folder}/${options.delete}` }));
    return `key ${options.delete} is deleted: within ten minutes its tokens are refused`;
  }
  const next = numbered(Number(newest) + 1);
  // Keys are ordered by name.
  if (!/^\d+$/.test(newest) || !(next > newest)) {
    throw new Error(`no name follows ${JSON.stringify(newest)}: name a key by hand`);
  }
  try {
    const parameter = { Name: `${folder}/${next}`, Value: newSigningKey(), Type: 'SecureString' } as const;
    await client.send(new sdk.PutParameterCommand({ ...parameter, Overwrite: false }));
  } catch (error) {
    if (!(error instanceof sdk.ParameterAlreadyExists)) throw error;
    throw new Error(`another process has just created key ${next}`);
  }
  return [
    `key ${next} signs within ten minutes; tokens of ${names.join(', ')} stay valid`,
    `when they have expired: zeroplane rotate-keys --tenant ${options.tenant} --delete ${names[0]}`,
  ].join('\n');
}
