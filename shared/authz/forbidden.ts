/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/errors.go */

import { isUnavailable, newForbidden, newInternalError, StatusError } from '../meta/status-error.ts';
import { quote } from '../runtime/go-format.ts';
import type { AuthorizerAttributes } from './authorizer.ts';
import { combinedResource } from './rbac/rule-allows.ts';

/** Errors must not look like HTML. Quotes are harmless. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function message(attributes: AuthorizerAttributes): string {
  const { user, verb, apiGroup, namespace, path } = attributes;
  const who = `User ${quote(user.name)} cannot ${verb}`;
  if (!attributes.isResourceRequest) return `${who} path ${quote(path)}`;
  const what = `resource ${quote(combinedResource(attributes))} in API group ${quote(apiGroup)}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`;
  return `${who} ${what} ${where}`;
}

/** The 403 for a refused request: `pods is forbidden: User "x" cannot list resource "pods" in API group "" ...`. */
export function forbiddenStatusError(attributes: AuthorizerAttributes, reason: string): StatusError {
  const text = message(attributes).replace(/[&<>]/g, (char) => ENTITIES[char]!);
  const { apiGroup: group, resource, name } = attributes;
  return newForbidden({ group, resource }, name, reason === '' ? text : `${text}: ${reason}`);
}

/** A request that isn't let in: its answer isn't to be taken for a page, whatever names it repeats. */
export class RefusedRequest extends StatusError {
  constructor({ status, cause }: StatusError) {
    super(status, cause);
  }
}

/**
 * The answer to a request that nothing could be decided of. Upstream's is a 500; here clients are told to come again
 * where what decides can't be read at the moment.
 */
export const undecided = (error: Error): StatusError =>
  isUnavailable(error) ? error : newInternalError(error);
