/**
 * Deletes the instances of a definition directly in storage, because a terminating definition may no longer be served.
 */

import { ServingContext } from '../../endpoints/routing/serving-context.ts';
import { isNotFound } from '../../meta/status-error.ts';
import { API_SERVER_USER } from '../../request/user-info.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';
import { forEachConcurrent } from '../../util/for-each-concurrent.ts';
import { Places } from '../../util/places.ts';
import type { CustomResourceStore } from '../registry/customresource/custom-resource-store.ts';

const PAGE = 500;
const CONCURRENCY = 16;
/** Shared by all definitions of the process, because memory is: a deletion decodes its object several times. */
const LARGE_DELETIONS = new Places(1);

interface Instance {
  readonly namespace: string;
  readonly name: string;
  readonly isLarge: boolean;
}

/**
 * Resolves to whether none is left. Instances with finalizers stay, marked as being deleted. Stops when `signal` is
 * aborted, leaving the rest for the next call.
 */
export async function deleteInstances(store: CustomResourceStore, signal: AbortSignal): Promise<boolean> {
  let next: string | undefined;
  do {
    const page = await store.storage.list({ prefix: '', limit: PAGE, continue: next });
    const toDelete: Instance[] = [];
    for (const item of page.items) {
      const { metadata } = await item.objectInPieces();
      const { namespace = '', name = '', deletionTimestamp } = metadata;
      if (!deletionTimestamp) toDelete.push({ namespace, name, isLarge: item.bytes.length > READ_AT_ONCE });
    }
    await forEachConcurrent(toDelete, CONCURRENCY, async (instance) => {
      const run = async () => {
        if (!signal.aborted) await deleteInstance(store, instance, signal);
      };
      await (instance.isLarge ? LARGE_DELETIONS.within(run) : run());
    });
    next = page.continue;
  } while (next && !signal.aborted);
  return (await store.storage.list({ prefix: '', limit: 1 })).items.length === 0;
}

async function deleteInstance(
  store: CustomResourceStore,
  { namespace, name }: Instance,
  signal: AbortSignal,
): Promise<void> {
  const context = new ServingContext(
    {
      method: 'DELETE',
      path: '/',
      query: new URLSearchParams(),
      headers: new Map(),
      body: new Uint8Array(),
      signal,
      canStream: false,
    },
    { user: API_SERVER_USER, loopback: true },
  );
  context.requestInfo = { ...context.requestInfo, verb: 'delete', namespace, name };
  try {
    await store.delete(context, name, async () => {}, { dryRun: false });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
