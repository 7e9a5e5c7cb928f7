import { expect, test } from 'vitest';
import { acceptedEntry } from '../../../shared/fleet/accepted-entry.ts';
import type { ControlPlane } from '../../../shared/fleet/control-plane.ts';
import type { TenantEntry, TenantRow } from '../../../shared/fleet/tenant-directory.ts';
import { digestOf } from '../../../shared/fleet/tenant-files.ts';

const ARGUMENTS = ['--audit-webhook-config-file=hook'];
/** No kubeconfig: a complete check refuses it. */
const texts = { hook: 'no kubeconfig' };
const digest = digestOf({ configurations: {}, texts })!;
const object = {
  metadata: { name: 'acme', namespace: 'default', uid: '0a1b2c3d-0000' },
  spec: {
    ...{ version: '1.36', arguments: ARGUMENTS, admins: [], isolation: 'Shared', deletionPolicy: 'Delete' },
    ...{ suspended: false, files: { secret: 'hooks' } },
  },
} as unknown as ControlPlane;
const accepted: Partial<TenantEntry> = {
  ...{ name: 'acme', id: 'acme.0a1b2c3d', state: 'Active' as const },
  ...{ arguments: ARGUMENTS, version: '1.36', files: digest },
};

/** The digest of the accepted files, or the reason of the refusal, where this row is in the directory. */
async function resultWith(entry: Partial<TenantEntry> | undefined): Promise<string | undefined> {
  const row = entry && ({ entry, revision: 1 } as TenantRow);
  const secret = { data: { hook: Buffer.from(texts.hook).toString('base64') } };
  try {
    const desired = await acceptedEntry(object, {
      client: { get: async <T>() => secret as T },
      host: { tableOf: () => 'fleet', endpointOf: () => 'https://acme.example.com', retire: async () => {} },
      rows: { read: async () => row, put: async () => row! },
    });
    return desired.entry.files;
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
}

test.each<[string, Partial<TenantEntry> | undefined, string]>([
  ['of a new control plane', undefined, 'InvalidConfiguration'],
  ['that the directory names', accepted, digest],
  ['that replace others', { ...accepted, files: 'others' }, 'InvalidConfiguration'],
  ['used by other arguments', { ...accepted, arguments: [] }, 'InvalidConfiguration'],
  ['served as another minor', { ...accepted, version: '1.35' }, 'InvalidConfiguration'],
  ['of an earlier object of this name', { ...accepted, id: 'acme.ffffffff' }, 'InvalidConfiguration'],
])('files %s', async (_, row, result) => {
  expect(await resultWith(row)).toBe(result);
});
