import { PRESERVES_ZERO } from './conversion.ts';
import type { PriorityLevelConfiguration } from './types.ts';

const NOMINAL_CONCURRENCY_SHARES = 30;

/** Zero shares count as unset unless an annotation preserves them. */
export function setPriorityLevelConfigurationDefaults({ metadata, spec }: PriorityLevelConfiguration): void {
  const { limited } = spec;
  if (!limited || Object.hasOwn(metadata.annotations ?? {}, PRESERVES_ZERO)) return;
  limited.nominalConcurrencyShares ||= NOMINAL_CONCURRENCY_SHARES;
}
