import type { KubeObject } from '../../meta/kube-object.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import type { RequestScope } from './request-scope.ts';

/**
 * The new object that replaces `old`, with the fields of `old` that the client couldn't see. Takes ownership of
 * `object` and doesn't modify `old`.
 */
export function keepHidden(
  { convertor, kind }: RequestScope,
  object: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  if (old === undefined || !convertor.hides?.(kind)) return object;
  return convertor.keepHidden!(object, deepCopy(old));
}
