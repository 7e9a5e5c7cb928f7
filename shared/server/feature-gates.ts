/** Feature gates that this server asks for, with their defaults of 1.36. */

import type { ServerRunOptions } from './options.ts';

const ON_BY_DEFAULT = new Set([
  'InPlacePodVerticalScaling',
  'PodTopologyLabelsAdmission',
  'ServiceAccountNodeAudienceRestriction',
  'StorageObjectInUseProtection',
  'VolumeAttributesClass',
]);

/** What `--feature-gates` says of a gate, else its default; gates nobody knows are off. */
export function featureEnabled(
  { featureGates }: Pick<ServerRunOptions, 'featureGates'>,
  gate: string,
): boolean {
  const given = featureGates.get(gate);
  return given === undefined ? ON_BY_DEFAULT.has(gate) : given.toLowerCase() === 'true';
}
