/** Kubernetes releases in lifecycles: `1.22`. */

import type { Lifecycle } from './resource-table.ts';

/** The minor number: 22. */
export const minorNumber = (release: string): number => Number(release.split('.')[1]);

/** Positive if `a` is the later release. */
export const compareMinors = (a: string, b: string): number => minorNumber(a) - minorNumber(b);

/** Whether something with this lifecycle is part of a release. */
export function isPartOf({ introduced = '1.0', removed, gone = removed }: Lifecycle, minor: string): boolean {
  return compareMinors(introduced, minor) <= 0 && (gone === undefined || compareMinors(gone, minor) > 0);
}
