import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import { type Amounts, ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';

/** `count/deployments.apps` */
export function objectCountName(resource: GroupResource): string {
  return `count/${formatGroupResource(resource)}`;
}

/** Counts objects. `alias` is an older name for the same count. */
export function objectCountEvaluator(resource: GroupResource, alias?: string): QuotaEvaluator {
  const names = [objectCountName(resource), ...(alias === undefined ? [] : [alias])];
  const usage: Amounts = new Map(names.map((name) => [name, ONE]));
  return {
    resource,
    isCount: true,
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    tracks: (name) => usage.has(name),
    usage: () => usage,
  };
}
