/** Kinds of subresources that are loaded on demand. */

import type { GroupVersionKind } from '../../runtime/group-version.ts';

/** The kind of `pods/eviction`. */
export const EVICTION: GroupVersionKind = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** The kind of `serviceaccounts/token`. */
export const TOKEN_REQUEST: GroupVersionKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
};
