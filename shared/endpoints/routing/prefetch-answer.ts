/** Starts reading the data for an answer while the request is still being authorized. */

import type { AdmissionOperation } from '../../admission/admission.ts';
import { isStoreReader } from '../../rest/rest-storage.ts';
import type { InstalledResource } from '../handlers/serve-resource.ts';
import { readAhead } from './read-ahead.ts';
import type { ServingContext } from './serving-context.ts';

/** The admission operation of each verb. */
export const OPERATIONS: Readonly<Record<string, AdmissionOperation>> = {
  create: 'CREATE',
  update: 'UPDATE',
  patch: 'UPDATE',
  delete: 'DELETE',
};
/** Verbs whose answer requires reading the head of the log. */
export const READS_ALL: ReadonlySet<string> = new Set(['list', 'watch']);

/** Does nothing for objects held in memory. May be called more than once. */
export function prefetchAnswer(context: ServingContext, { scope, storage }: InstalledResource): void {
  if (!isStoreReader(storage) || !storage.readsStore()) return;
  const { verb, namespace, name } = context.requestInfo;
  if (verb === 'get') {
    context.ahead ??= readAhead(context, storage);
  } else if (READS_ALL.has(verb)) {
    storage.prefetchList();
  } else if (OPERATIONS[verb] !== undefined) {
    const { kind, resource, subresource } = scope;
    scope.admission.prefetch?.({ operation: OPERATIONS[verb], kind, resource, subresource, namespace });
    storage.prefetchWrite(context, name);
  }
}
