/** Kinds of subresources whose code is loaded when they are asked for. */

import type { GroupVersionKind } from '../../runtime/group-version.ts';

/** Of `pods/eviction`. */
export const EVICTION: GroupVersionKind = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** Of `serviceaccounts/token`. */
export const TOKEN_REQUEST: GroupVersionKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
};
