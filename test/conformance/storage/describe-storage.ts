/**
 * The contract of every `Storage`, after upstream's storage/testing
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/storage/testing).
 */

import { afterAll, beforeAll, describe } from 'vitest';
import { createTests } from './create.ts';
import { deleteTests } from './delete.ts';
import { expiryTests } from './expiry.ts';
import { fastForwardTests } from './fast-forward.ts';
import { getTests } from './get.ts';
import type { StorageHarness } from './harness.ts';
import { listTests } from './list.ts';
import { pageAgeTests } from './page-age.ts';
import { pagingTests } from './paging.ts';
import { processesTests } from './processes.ts';
import { sizeTests } from './size.ts';
import { snapshotTests } from './snapshot.ts';
import { transformerTests } from './transformer.ts';
import { updateTests } from './update.ts';
import { watchTests } from './watch.ts';
import { watchListTests } from './watch-list.ts';

const SUITES = [
  ['create', createTests],
  ['get', getTests],
  ['delete', deleteTests],
  ['guaranteedUpdate', updateTests],
  ['list', listTests],
  ['pages of a list', pagingTests],
  ['the age of pages', pageAgeTests],
  ['watch', watchTests],
  ['watch with initial events', watchListTests],
  ['snapshot and count', snapshotTests],
  ['expiry', expiryTests],
  ['fast forward', fastForwardTests],
  ['size', sizeTests],
  ['transformer', transformerTests],
  ['several processes', processesTests],
] as const;

/**
 * Declares the suite for the storage that `open` returns; `open` is called once, before the first test. `except`: parts
 * already covered by another storage that shares the code.
 */
export function describeStorage(
  name: string,
  open: () => Promise<StorageHarness>,
  { except = [] }: { readonly except?: readonly (typeof SUITES)[number][0][] } = {},
): void {
  describe(name, () => {
    let harness: StorageHarness;
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(async () => {
      await harness.close();
    });
    for (const [suite, declare] of SUITES) {
      if (!except.includes(suite)) describe(suite, () => declare(() => harness));
    }
  });
}
