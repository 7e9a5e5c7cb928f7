/** The configuration files that a `ControlPlane` has in its spec and in the Secret that it names. */

import type { Secret } from '../apis/core/v1/types.ts';
import { isNotFound } from '../meta/status-error.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import type { ControlPlane } from './control-plane.ts';
import { Refusal } from './refusal.ts';
import { configurationsOf, type TenantFiles } from './tenant-configuration.ts';
import { digestOf, MAX_FILES_BYTES } from './tenant-files.ts';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };

export interface SpecFiles {
  readonly files: TenantFiles;
  /** Undefined if there are no files. */
  readonly digest: string | undefined;
}

/** Rejects with `Refusal` if the Secret is missing or too large. */
export async function filesOfSpec(
  object: ControlPlane,
  client: Pick<LoopbackClient, 'get'>,
): Promise<SpecFiles> {
  const files = await filesOf(object, client);
  return { files, digest: digestOf(files) };
}

async function filesOf(
  { metadata: { namespace }, spec }: ControlPlane,
  client: Pick<LoopbackClient, 'get'>,
): Promise<TenantFiles> {
  const configurations = configurationsOf(spec);
  if (spec.files === undefined) return { configurations, texts: {} };
  const { secret: name } = spec.files;
  let secret: Secret;
  try {
    secret = await client.get<Secret>(SECRETS, { namespace, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Refusal(
      'InvalidConfiguration',
      `spec.files.secret: there is no Secret ${name} in ${namespace}`,
    );
  }
  const data = Object.entries(secret.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = data.map(([key, value]) => [key, Buffer.from(value as string, 'base64').toString()] as const);
  const size = texts.reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  if (size > MAX_FILES_BYTES) {
    const message = `spec.files.secret: the Secret ${name} has ${size} bytes, of at most ${MAX_FILES_BYTES}`;
    throw new Refusal('InvalidConfiguration', message);
  }
  return { configurations, texts: Object.fromEntries(texts) };
}
