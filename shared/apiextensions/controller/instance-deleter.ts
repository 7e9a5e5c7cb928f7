/**
 * Deletes the instances of a definition directly in storage, because a terminating definition may no longer be served.
 */

import { ServingContext } from '../../endpoints/routing/serving-context.ts';
import { isNotFound } from '../../meta/status-error.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { API_SERVER_USER } from '../../request/user-info.ts';
import { forEachConcurrent } from '../../util/for-each-concurrent.ts';
import type { CustomResourceStore } from '../registry/customresource/custom-resource-store.ts';

const PAGE = 500;
const CONCURRENCY = 16;

/**
 * Resolves to whether none is left. Instances with finalizers stay, marked as being deleted. Stops when `signal` is
 * aborted, leaving the rest for the next call.
 */
export async function deleteInstances(store: CustomResourceStore, signal: AbortSignal): Promise<boolean> {
  let next: string | undefined;
  do {
    const page = await store.storage.list({ prefix: '', limit: PAGE, continue: next });
    const toDelete: ObjectMeta[] = [];
    for (const item of page.items) {
      const { metadata } = await item.objectInPieces();
      if (!metadata.deletionTimestamp) toDelete.push(metadata);
    }
    await forEachConcurrent(toDelete, CONCURRENCY, async ({ namespace = '', name = '' }) => {
      if (!signal.aborted) await deleteInstance(store, namespace, name, signal);
    });
    next = page.continue;
  } while (next && !signal.aborted);
  return (await store.storage.list({ prefix: '', limit: 1 })).items.length === 0;
}

async function deleteInstance(
  store: CustomResourceStore,
  namespace: string,
  name: string,
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
