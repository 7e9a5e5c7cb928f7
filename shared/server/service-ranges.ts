import type { CompletedOptions } from './options/completed-options.ts';

/** The ranges that addresses of Services come from, the first of the cluster's own family. */
export function serviceRanges({ serviceClusterIPRange }: CompletedOptions): string[] {
  return serviceClusterIPRange.split(',').map((range) => range.trim());
}
