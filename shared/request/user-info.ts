/**
 * The user who makes a request (https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/user/user.go).
 */
export interface UserInfo {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** Keys are lower case. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export const SYSTEM_PRIVILEGED_GROUP = 'system:masters';
export const MONITORING_GROUP = 'system:monitoring';
export const ALL_AUTHENTICATED = 'system:authenticated';
export const ALL_UNAUTHENTICATED = 'system:unauthenticated';

export const ANONYMOUS: UserInfo = {
  name: 'system:anonymous',
  uid: '',
  groups: [ALL_UNAUTHENTICATED],
  extra: {},
};

/** The API server's own identity, for requests it makes itself. */
export const API_SERVER_USER: UserInfo = {
  name: 'system:apiserver',
  uid: '',
  groups: [SYSTEM_PRIVILEGED_GROUP, ALL_AUTHENTICATED],
  extra: {},
};
