/**
 * Feature gates of releases before 1.32, which are listed only in the code of kube-apiserver's modules
 * (https://github.com/kubernetes/kubernetes/blob/release-1.20/pkg/features/kube_features.go and similar files).
 */

import type { FeatureGate } from '../../shared/server/options/feature-gates.ts';
import { withoutComments } from './go-text.ts';
import type { Sources } from './modules.ts';

const NAME = /^\s*(\w+)\s+featuregate\.Feature = (?:"(\w+)"|(\w+))/gm;
const CONSTANT = /^\s*(?:const )?(\w+) = (true|false)$/gm;
const SPEC =
  /^\s*(?:(\w+)\.)?(\w+):\s*\{Default: (\w+), PreRelease: (?:featuregate\.)?(\w+)(?:, LockToDefault: (true|false))?\}/gm;

const KUBERNETES = ['kubernetes', 'pkg/features/kube_features.go'] as const;
/** Libraries that add their gates to the program's. */
const LIBRARIES = [
  ['apiserver', 'pkg/features/kube_features.go'],
  ['apiextensions-apiserver', 'pkg/features/kube_features.go'],
  ['component-base', 'logs/kube_features.go'],
  ['component-base', 'logs/api/v1/kube_features.go'],
  ['component-base', 'metrics/features/kube_features.go'],
] as const;
/** Gates that programs add on request. */
const CLIENT = ['client-go', 'features/known_features.go'] as const;

/** All gates of a release's kube-apiserver. */
export function importOldFeatureGates(sources: Sources): Record<string, FeatureGate> {
  const read = ([module, path]: readonly [string, string]): string => sources.text(module, path) ?? '';
  const own = read(KUBERNETES);
  const asked = own.includes('AddFeaturesToExistingFeatureGates') ? [read(CLIENT)] : [];
  const text = withoutComments([...LIBRARIES.map(read), ...asked, own].join('\n'));
  const names = new Map([...text.matchAll(NAME)].map(([, name, literal]) => [name!, literal]));
  const constants = new Map([...text.matchAll(CONSTANT)].map(([, name, value]) => [name!, value]));
  const gates = [...text.matchAll(SPEC)].map(([, , name, enabled, stage, locked]): [string, FeatureGate] => [
    names.get(name!) ?? name!,
    {
      stage: stage as FeatureGate['stage'],
      ...((constants.get(enabled!) ?? enabled) === 'true' && { enabled: true }),
      ...(locked === 'true' && { locked: true }),
    },
  ]);
  if (gates.length === 0) throw new Error(`${sources.release} has no feature gates`);
  return Object.fromEntries(gates.sort(([a], [b]) => (a < b ? -1 : 1)));
}
