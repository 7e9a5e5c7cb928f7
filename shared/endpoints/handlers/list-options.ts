import { escapeFieldValue } from '../../meta/fields.ts';
import { newBadRequest, newInvalid, StatusError } from '../../meta/status-error.ts';
import {
  decodeListOptions,
  type ListOptions,
  setListOptionsDefaults,
  validateListOptions,
} from '../../request/list-options.ts';
import type { RESTListOptions, ShardSelector } from '../../rest/rest-storage.ts';
import type { ResourceVersionMatch } from '../../storage/storage.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import type { ServingContext } from '../routing/serving-context.ts';

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

/**
 * Storage options of a list or watch. A watch of one object (`/watch/pods/a`) becomes a field selector on its name.
 * Throws BadRequest for malformed options and Invalid for contradictory ones.
 */
export async function restListOptions(
  context: ServingContext,
  scope: RequestScope,
): Promise<RESTListOptions> {
  const { query } = context.request;
  if (query.size === 0 && context.requestInfo.verb === 'list')
    return { labelSelector: '', fieldSelector: '' };
  const decoded = decodeListOptions(query);
  const watch = decoded.watch || context.requestInfo.verb === 'watch';
  const options = setListOptionsDefaults({ ...decoded, watch });
  const errors = validateListOptions(options);
  if (errors.length > 0) throw newInvalid(LIST_OPTIONS, '', errors);
  return {
    labelSelector: options.labelSelector.toString(),
    fieldSelector: fieldSelectorOf(context, scope, options),
    shard: await shardOf(context),
    resourceVersion: options.resourceVersion === '' ? undefined : options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch as ResourceVersionMatch,
    limit: options.limit,
    continue: options.continue,
    timeoutSeconds: options.timeoutSeconds,
    allowWatchBookmarks: options.allowWatchBookmarks,
    sendInitialEvents: options.sendInitialEvents,
  };
}

async function shardOf({ request, featureEnabled }: ServingContext): Promise<ShardSelector | undefined> {
  const text = request.query.get('shardSelector') ?? '';
  if (text === '' || !featureEnabled('ShardedListAndWatch')) return undefined;
  const { parseShardSelector } = await import('../../rest/shard-selector.ts');
  try {
    return parseShardSelector(text);
  } catch (error) {
    const message = `invalid shard selector: ${(error as Error).message}`;
    throw new StatusError({ code: 500, message });
  }
}

function fieldSelectorOf({ requestInfo }: ServingContext, scope: RequestScope, options: ListOptions): string {
  const selector = options.fieldSelector.transform((label, value) => {
    try {
      return { field: scope.convertor.convertFieldLabel(label), value };
    } catch (error) {
      throw newBadRequest((error as Error).message);
    }
  });
  const { name } = requestInfo;
  if (name === '') return selector.toString();
  if (selector.empty()) return `metadata.name=${escapeFieldValue(name)}`;
  if (selector.requiresExactMatch('metadata.name') !== name) {
    throw newBadRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return selector.toString();
}
