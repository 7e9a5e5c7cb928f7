/** The Kubernetes release of this API: `release.json`, written by `npm run import`. */

import release from './release.json' with { type: 'json' };

const { kubernetes: version, go } = release;

export const KUBERNETES_RELEASE = {
  /** `v1.37.2` */
  version,
  /** `1.37` */
  minor: version.slice(1).split('.', 2).join('.'),
  /** The Go version it is built with: `go1.26`. */
  go,
} as const;
