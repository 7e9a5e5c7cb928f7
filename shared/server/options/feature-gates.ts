/**
 * Feature gates: all of kube-apiserver's, with the defaults of the served release
 * (https://github.com/kubernetes/component-base/blob/master/featuregate/feature_gate.go).
 */

import { quote } from '../../runtime/go-format.ts';
import { parseBool } from '../../util/parse-bool.ts';
import { effectiveVersion } from '../emulation/effective-version.ts';
import type { CompletedOptions } from './completed-options.ts';
import readGates from './feature-gates.json?text';
import readWithoutEffect from './gates-without-effect.json?text';
import type { ServerRunOptions } from './options.ts';

export interface FeatureGate {
  readonly stage: 'Alpha' | 'Beta' | 'GA' | 'Deprecated';
  /** The default. */
  readonly enabled?: boolean;
  /** Whether it can't be changed from its default. */
  readonly locked?: boolean;
  /** Gates that must be enabled with it. */
  readonly needs?: readonly string[];
}

type GivenGates = Pick<ServerRunOptions, 'featureGates'> & Pick<CompletedOptions, 'emulation'>;

type GivenVersions = Pick<ServerRunOptions, 'emulatedVersion' | 'minCompatibilityVersion'>;

const GATES: ReadonlyMap<string, FeatureGate> = new Map(
  Object.entries(JSON.parse(readGates()) as Record<string, FeatureGate>),
);

/** Gates that set all gates of a stage that aren't set explicitly. */
const ALL_OF_STAGE = { AllAlpha: 'Alpha', AllBeta: 'Beta' } as const;
const ALL_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(ALL_OF_STAGE).map(([name, stage]) => [stage, name]),
);

/** The gates of the served or emulated release. */
const gatesOf = ({ emulation }: GivenGates): ReadonlyMap<string, FeatureGate> => emulation?.gates ?? GATES;

/** The value of a gate in `--feature-gates`, or else its default; unknown gates are off. */
export function featureEnabled(given: GivenGates, name: string): boolean {
  const { featureGates } = given;
  const gate = gatesOf(given).get(name);
  if (gate === undefined || gate.locked) return gate?.enabled === true;
  const text = featureGates.get(name) ?? featureGates.get(ALL_NAMES.get(gate.stage) ?? '');
  return text === undefined ? gate.enabled === true : parseBool(text) === true;
}

/** Like `featureEnabled`, but caches results for callers that ask on each request: completed options don't change. */
export function knownFeatures(given: GivenGates): (gate: string) => boolean {
  const known = new Map<string, boolean>();
  return (gate) => {
    let enabled = known.get(gate);
    if (enabled === undefined) {
      enabled = featureEnabled(given, gate);
      known.set(gate, enabled);
    }
    return enabled;
  };
}

/** The names and stages of all gates, in the form of metric labels: upper case, and '' for GA. */
export function* featureStages(given: GivenGates): Iterable<readonly [name: string, stage: string]> {
  for (const [name, { stage }] of gatesOf(given)) yield [name, stage === 'GA' ? '' : stage.toUpperCase()];
}

/** The errors in `--feature-gates`, with upstream's texts. */
export function validateFeatureGates(given: GivenGates & GivenVersions): string[] {
  const errors = [...given.featureGates].flatMap(([name, text]) => errorsOf(given, name, text));
  return errors.length > 0 ? errors : unmetNeeds(given);
}

function errorsOf(given: GivenGates & GivenVersions, name: string, text: string): string[] {
  if (name.includes(':')) return [`component not registered: ${name.split(':', 1)[0]}`];
  if (text === '') return [`missing bool value for ${name}`];
  const value = parseBool(text);
  if (value === undefined) {
    return [
      `invalid value of ${name}=${text}, err: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`,
    ];
  }
  if (Object.hasOwn(ALL_OF_STAGE, name)) return [];
  const gate = gatesOf(given).get(name);
  if (gate === undefined) {
    if (!GATES.has(name)) return [`unrecognized feature gate: ${name}`];
    const { emulation, minCompatibility } = effectiveVersion(given);
    return [
      `cannot set feature gate ${name} to ${value}, feature is PreAlpha at emulated version ${emulation}, min compatibility version ${minCompatibility}`,
    ];
  }
  const { locked = false, enabled = false } = gate;
  if (!locked || value === enabled) return [];
  return [`cannot set feature gate ${name} to ${value}, feature is locked to ${enabled}`];
}

function unmetNeeds(given: GivenGates): string[] {
  // The defaults are consistent.
  if (given.featureGates.size === 0) return [];
  return [...gatesOf(given)].flatMap(([name, { needs = [] }]) => {
    if (needs.length === 0 || !featureEnabled(given, name)) return [];
    const disabled = needs.filter((need) => !featureEnabled(given, need));
    if (disabled.length === 0) return [];
    return [`${name} is enabled, but depends on features that are disabled: [${disabled.join(' ')}]`];
  });
}

/** Warnings for gates that will be removed. */
export function featureGateWarnings(given: GivenGates): string[] {
  const warnings = [...given.featureGates].flatMap(([name, text]) => {
    const stage = gatesOf(given).get(name)?.stage;
    if (stage !== 'GA' && stage !== 'Deprecated') return [];
    const which = stage === 'GA' ? 'GA' : 'deprecated';
    return [
      `Setting ${which} feature gate ${name}=${parseBool(text)}. It will be removed in a future release.`,
    ];
  });
  return [...warnings, ...withoutEffect(given), ...alphaWarnings(given)];
}

/** Gates of kube-apiserver that have no effect in this server. */
function withoutEffect(given: GivenGates): string[] {
  if (given.featureGates.size === 0) return [];
  const reasons = JSON.parse(readWithoutEffect()) as Record<string, string>;
  return [...given.featureGates.keys()]
    .filter((name) => Object.hasOwn(reasons, name))
    .map((name) => `feature gate ${name} is without effect here: ${reasons[name]}`);
}

/** Upstream doesn't emulate alpha features, and warns about it. */
function alphaWarnings(given: GivenGates): string[] {
  if (given.emulation === undefined) return [];
  const enabled = [...given.emulation.gates]
    .filter(([name, { stage }]) => stage === 'Alpha' && featureEnabled(given, name))
    .map(([name]) => name);
  if (enabled.length === 0) return [];
  return [
    `component has alpha features enabled in emulated version, this is unsupported: features=[${enabled.join(' ')}]`,
  ];
}
