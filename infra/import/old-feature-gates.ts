/**
 * Feature gates of releases before 1.32, whose list stands only in the code
 * (https://github.com/kubernetes/kubernetes/blob/release-1.20/pkg/features/kube_features.go): those of the generic API
 * server are said again there.
 */

import type { FeatureGate } from '../../shared/server/options/feature-gates.ts';
import { withoutComments } from './go-text.ts';
import type { Sources } from './modules.ts';

const NAME = /^\s*(\w+)\s+featuregate\.Feature = (?:"(\w+)"|(\w+))/gm;
const SPEC =
  /^\s*(?:(\w+)\.)?(\w+):\s*\{Default: (true|false), PreRelease: featuregate\.(\w+)(?:, LockToDefault: (true|false))?\}/gm;

/** All gates of a release's kube-apiserver. */
export function importOldFeatureGates(sources: Sources): Record<string, FeatureGate> {
  const text = withoutComments(sources.text('kubernetes', 'pkg/features/kube_features.go') ?? '');
  const names = new Map([...text.matchAll(NAME)].map(([, name, literal]) => [name!, literal]));
  const gates = [...text.matchAll(SPEC)].map(([, , name, enabled, stage, locked]): [string, FeatureGate] => [
    names.get(name!) ?? name!,
    {
      stage: stage as FeatureGate['stage'],
      ...(enabled === 'true' && { enabled: true }),
      ...(locked === 'true' && { locked: true }),
    },
  ]);
  if (gates.length === 0) throw new Error(`${sources.release} has no feature gates`);
  return Object.fromEntries(gates.sort(([a], [b]) => (a < b ? -1 : 1)));
}
