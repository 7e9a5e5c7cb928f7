import type { UserInfo as APIUserInfo } from '../../apis/authentication/v1/types.ts';
import type { UserInfo } from '../../request/user-info.ts';

/** The API form of a user, with empty fields omitted. */
export function apiUserInfo({ name, uid, groups, extra }: UserInfo): APIUserInfo {
  const entries = Object.entries(extra).map(([key, values]) => [key, [...values]]);
  return {
    ...(name !== '' && { username: name }),
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(entries.length > 0 && { extra: Object.fromEntries(entries) }),
  };
}
