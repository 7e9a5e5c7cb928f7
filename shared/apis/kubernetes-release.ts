/** The release of Kubernetes whose API this is: `release.json`, which `npm run import` writes. */

import release from './release.json' with { type: 'json' };

const { kubernetes: version, go } = release;

export const KUBERNETES_RELEASE = {
  /** `v1.37.2` */
  version,
  /** `1.37` */
  minor: version.slice(1).split('.', 2).join('.'),
  /** The Go it is built with: `go1.26`. */
  go,
} as const;
