import { expect, test } from 'vitest';
import { core } from '../../../../shared/apis/core/install.ts';
import { installGroup } from '../../../../shared/apis/install-group.ts';
import { installMeta } from '../../../../shared/apis/meta/install.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

function coreScheme(): Scheme {
  const scheme = new Scheme(builtinTypeTables());
  installMeta(scheme);
  installGroup(scheme, core);
  return scheme;
}

test('the core group has its kinds, their lists and the kinds of every group version', () => {
  const kinds = new Set(
    coreScheme()
      .knownTypes({ group: '', version: 'v1' })
      .map(({ gvk }) => gvk.kind),
  );
  for (const kind of [
    'Pod',
    'PodList',
    'Service',
    'List',
    'Binding',
    'DeleteOptions',
    'WatchEvent',
    'Status',
  ]) {
    expect(kinds).toContain(kind);
  }
});

test('tables, partial objects and request options are in meta.k8s.io', () => {
  const kinds = coreScheme()
    .knownTypes({ group: 'meta.k8s.io', version: 'v1' })
    .map(({ gvk }) => gvk.kind);
  expect(kinds).toEqual([
    'ApplyOptions',
    'CreateOptions',
    'DeleteOptions',
    'GetOptions',
    'ListOptions',
    'PartialObjectMetadata',
    'PartialObjectMetadataList',
    'PatchOptions',
    'Table',
    'TableOptions',
    'UpdateOptions',
  ]);
});
