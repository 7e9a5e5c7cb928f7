import type { KubeObject } from '../../meta/kube-object.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import type { RequestScope } from './request-scope.ts';

/** What replaces `old`, with what the client could not see of it. Owns `object`, and leaves `old` alone. */
export function keepHidden(
  { convertor, kind }: RequestScope,
  object: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  if (old === undefined || !convertor.hides?.(kind)) return object;
  return convertor.keepHidden!(object, deepCopy(old));
}
