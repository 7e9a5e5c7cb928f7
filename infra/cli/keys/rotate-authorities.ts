/** `zeroplane rotate-authorities`: creates a control plane's next CAs, and deletes ones that are no longer needed. */

import { numbered } from '../../../functions/adapter/parameter-folder.ts';
import {
  AUTHORITY_FAMILIES,
  authorityName,
  authorityNumber,
  newAuthority,
} from '../../../functions/adapter/tenant-authorities.ts';
import { deleteFormerAuthorities, rotateAuthorities as rotate } from '../../local/keys/authorities.ts';
import { AUTHORITIES } from '../../local/keys/pki.ts';
import { type ConnectionOptions, connectParameterStore } from '../parameter-store.ts';
import { keyFolder } from './key-folder.ts';

export interface RotateAuthoritiesOptions extends ConnectionOptions {
  readonly tenant: string;
  /** Data directory of the local server. Unset: the tenant is a stack in AWS. */
  readonly dataDir?: string | undefined;
  /** Deletes these CAs instead of creating any. */
  readonly delete?: string | undefined;
}

/** Returns a message for the user. Throws Error with the reason if it can't rotate. */
export async function rotateAuthorities(options: RotateAuthoritiesOptions): Promise<string> {
  const { dataDir } = options;
  return dataDir === undefined ? rotateInStack(options) : rotateInFolder({ ...options, dataDir });
}

/** A running server notices at its next start. */
async function rotateInFolder(
  options: RotateAuthoritiesOptions & { readonly dataDir: string },
): Promise<string> {
  const { dataDir, tenant } = options;
  const folder = keyFolder(dataDir, tenant, 'signingAuthority');
  if (options.delete !== undefined) {
    deleteFormerAuthorities(folder, AUTHORITIES, options.delete);
    return `authorities ${options.delete} are deleted: from the next start on their certificates are refused`;
  }
  const former = await rotate(folder, AUTHORITIES);
  return [
    `new authorities sign from the next start on; certificates of ${former} stay valid, and clients that trust ${former} trust the new ones`,
    `when they have expired: zeroplane rotate-authorities --data-dir ${dataDir} --tenant ${tenant} --delete ${former}`,
  ].join('\n');
}

async function rotateInStack(options: RotateAuthoritiesOptions): Promise<string> {
  const { tenant } = options;
  const { sdk, client } = await connectParameterStore(options);
  const folder = `/zeroplane/${tenant}/keys/authorities`;
  const names: string[] = [];
  for await (const { Parameters = [] } of sdk.paginateGetParametersByPath({ client }, { Path: folder })) {
    for (const { Name = '' } of Parameters) names.push(Name.slice(folder.length + 1));
  }
  /** Numbers of the existing CAs, by family. */
  const families = AUTHORITY_FAMILIES.map((family) => ({
    family,
    numbers: names.flatMap((name) => authorityNumber(family, name) ?? []).sort((a, b) => a - b),
  })).filter(({ numbers }) => numbers.length > 0);
  const all = [...new Set(families.flatMap(({ numbers }) => numbers))].sort((a, b) => a - b);
  const newest = all.at(-1);
  if (newest === undefined) {
    throw new Error(`there is no authority below ${folder}: nothing was signed by ${tenant} yet`);
  }
  const parameter = (family: string, number: number) => `${folder}/${authorityName(family, number)}`;
  if (options.delete !== undefined) {
    const number = Number(options.delete);
    const having = families.filter(({ numbers }) => numbers.includes(number));
    if (having.length === 0) {
      throw new Error(
        `there are no authorities ${options.delete}; there are ${all.map(numbered).join(', ')}`,
      );
    }
    const signing = having.find(({ numbers }) => numbers.at(-1) === number);
    if (signing !== undefined) {
      throw new Error(`authority ${numbered(number)} of ${signing.family} signs: it can't be deleted`);
    }
    for (const { family } of having) {
      await client.send(new sdk.DeleteParameterCommand({ Name: parameter(family, number) }));
    }
    return `authorities ${numbered(number)} are deleted: within ten minutes their certificates are refused`;
  }
  const next = newest + 1;
  for (const { family } of families) {
    const Value = await newAuthority(family, next);
    const Name = parameter(family, next);
    try {
      await client.send(new sdk.PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: false }));
    } catch (error) {
      if (!(error instanceof sdk.ParameterAlreadyExists)) throw error;
      throw new Error(`another process has just created authorities ${numbered(next)}`);
    }
  }
  return [
    `authorities ${numbered(next)} sign in ten minutes; certificates of ${all.map(numbered).join(', ')} stay valid`,
    `when they have expired: zeroplane rotate-authorities --tenant ${tenant} --delete ${numbered(all[0]!)}`,
  ].join('\n');
}
