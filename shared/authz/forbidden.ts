/** https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/responsewriters/errors.go */

import { isUnavailable, newForbidden, newInternalError, StatusError } from '../meta/status-error.ts';
import { quote } from '../runtime/go-format.ts';
import type { AuthorizerAttributes } from './authorizer.ts';
import { combinedResource } from './rbac/rule-allows.ts';

/** Escaped so that error messages can't be interpreted as HTML. Quotes are harmless. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function message(attributes: AuthorizerAttributes): string {
  const { user, verb, apiGroup, namespace, path } = attributes;
  const who = `User ${quote(user.name)} cannot ${verb}`;
  if (!attributes.isResourceRequest) return `${who} path ${quote(path)}`;
  const what = `resource ${quote(combinedResource(attributes))} in API group ${quote(apiGroup)}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`;
  return `${who} ${what} ${where}`;
}

/** The 403 for a denied request: `pods is forbidden: User "x" cannot list resource "pods" in API group "" ...`. */
export function forbiddenStatusError(attributes: AuthorizerAttributes, reason: string): StatusError {
  const text = message(attributes).replace(/[&<>]/g, (char) => ENTITIES[char]!);
  const { apiGroup: group, resource, name } = attributes;
  return newForbidden({ group, resource }, name, reason === '' ? text : `${text}: ${reason}`);
}

/**
 * A request that was not authorized. Its response must not be rendered as a page, since it repeats names chosen by the
 * client.
 */
export class RefusedRequest extends StatusError {
  constructor({ status, cause }: StatusError) {
    super(status, cause);
  }
}

/**
 * The error for a request that could not be decided. Upstream answers 500; here clients are told to retry if the
 * objects that decide can't be read at present.
 */
export const undecided = (error: Error): StatusError =>
  isUnavailable(error) ? error : newInternalError(error);
