/** The headers by which a client requests impersonation (kubectl `--as`, `--as-group`, `--as-uid`). */

import { newBadRequest } from '../../meta/status-error.ts';
import { type HeaderFields, headerOf } from '../../request/api-request.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { quote } from '../../runtime/go-format.ts';
import { appendAll } from '../../util/append-all.ts';
import { entryOf } from '../../util/entry-of.ts';

const USER = 'impersonate-user';
const UID = 'impersonate-uid';
const GROUP = 'impersonate-group';
const EXTRA_PREFIX = 'impersonate-extra-';

function unescapeExtraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const goStrings = (values: readonly string[]): string => `[]string{${values.map(quote).join(', ')}}`;

/** Go's `%#v` of the requested user. */
function goSyntax({ name, uid, groups, extra }: UserInfo): string {
  const entries = Object.entries(extra)
    .sort()
    .map(([key, values]) => `${quote(key)}:${goStrings(values)}`);
  const goGroups = groups.length === 0 ? '[]string(nil)' : goStrings(groups);
  const goExtra =
    entries.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${entries.join(', ')}}`;
  return `&user.DefaultInfo{Name:${quote(name)}, UID:${quote(uid)}, Groups:${goGroups}, Extra:${goExtra}}`;
}

const AUTHENTICATION = 'authentication.k8s.io/v1';

/** Go's `%v` of the requested impersonation, a list of ObjectReferences, as plain impersonation reports it. */
function goReferences({ uid, groups, extra }: UserInfo): string {
  const reference = (kind: string, name: string, apiVersion = '', fieldPath = ''): string =>
    `{${[kind, '', name, '', apiVersion, '', fieldPath].join(' ')}}`;
  const references = [
    ...groups.map((group) => reference('Group', group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => reference('UserExtra', value, AUTHENTICATION, key)),
    ),
    ...(uid === '' ? [] : [reference('UID', uid, AUTHENTICATION)]),
  ];
  return `[${references.join(' ')}]`;
}

/**
 * Returns the requested user; undefined if the client requests no impersonation. Throws BadRequest for parts of a user
 * without a name, with the message of constrained or plain impersonation.
 */
export function wantedUser(headers: HeaderFields, constrained: boolean): UserInfo | undefined {
  const extra = new Map<string, string[]>();
  for (const [name, values] of headers) {
    if (!name.startsWith(EXTRA_PREFIX)) continue;
    const key = unescapeExtraKey(name.slice(EXTRA_PREFIX.length));
    appendAll(
      entryOf(extra, key, () => []),
      values,
    );
  }
  const wanted: UserInfo = {
    name: headerOf(headers, USER) ?? '',
    uid: headerOf(headers, UID) ?? '',
    groups: headers.get(GROUP) ?? [],
    extra: Object.fromEntries(extra),
  };
  if (wanted.name !== '') return wanted;
  if (wanted.uid === '' && wanted.groups.length === 0 && extra.size === 0) return undefined;
  throw newBadRequest(
    constrained
      ? `requested ${goSyntax(wanted)} without impersonating a user name`
      : `requested ${goReferences(wanted)} without impersonating a user`,
  );
}

/** Removes the impersonation headers, so that later stages can't tell that impersonation was used. */
export function withoutImpersonationHeaders(headers: HeaderFields): HeaderFields {
  const exact = new Set([USER, UID, GROUP]);
  const kept = [...headers].filter(([name]) => !exact.has(name) && !name.startsWith(EXTRA_PREFIX));
  return kept.length === headers.size ? headers : new Map(kept);
}
