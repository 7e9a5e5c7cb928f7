/**
 * The user info of service accounts
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/serviceaccount/util.go).
 */

const USERNAME_PREFIX = 'system:serviceaccount:';
const GROUP_PREFIX = 'system:serviceaccounts:';
const ALL_SERVICE_ACCOUNTS_GROUP = 'system:serviceaccounts';

/** RFC 1123 label and subdomain: the valid names of namespaces and service accounts. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

export function serviceAccountUsername(namespace: string, name: string): string {
  return `${USERNAME_PREFIX}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): string[] {
  return [ALL_SERVICE_ACCOUNTS_GROUP, `${GROUP_PREFIX}${namespace}`];
}

/** Undefined if `username` is not the name of a service account. */
export function splitServiceAccountUsername(username: string): NamespacedName | undefined {
  if (!username.startsWith(USERNAME_PREFIX)) return undefined;
  const [namespace = '', name = '', ...more] = username.slice(USERNAME_PREFIX.length).split(':', 3);
  if (more.length > 0 || !LABEL.test(namespace) || name.length > 253 || !SUBDOMAIN.test(name))
    return undefined;
  return { namespace, name };
}
