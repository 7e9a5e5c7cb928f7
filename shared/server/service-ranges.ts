import type { CompletedOptions } from './options/completed-options.ts';

/** The address ranges of Services; the first one determines the cluster's primary IP family. */
export function serviceRanges({ serviceClusterIPRange }: CompletedOptions): string[] {
  return serviceClusterIPRange.split(',').map((range) => range.trim());
}
