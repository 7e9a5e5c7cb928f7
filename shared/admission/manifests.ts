/**
 * Webhooks and policies in files of the server, which can't be changed through the API
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/admission/plugin/manifest).
 */

import { isAbsolute } from 'node:path';
import { forbidden, formatFieldError, invalid } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { notRegistered } from '../runtime/scheme.ts';
import { isJSONObject } from '../util/json.ts';
import type { AdmissionDependencies } from './admission.ts';

const GATE = 'ManifestBasedAdmissionControlConfig';
const DIRECTORY = FieldPath.of('staticManifestsDir');
const VERSION = 'apiserver.config.k8s.io/v1';

/** The objects in a folder: internal, defaulted, valid, sorted by name. */
export interface Manifests {
  /** Rejects if the files are invalid. Called once, before `current`. */
  load(): Promise<void>;
  /** Returns the same value until the files change. Invalid changes are ignored. */
  current(): Promise<ManifestObjects>;
}

/** Objects by kind. */
export type ManifestObjects = ReadonlyMap<string, readonly KubeObject[]>;

/** `kinds` are the kinds of admissionregistration.k8s.io that the files may contain. */
export type OpenManifests = (directory: string, kinds: readonly string[]) => Manifests;

type Dependencies = Pick<AdmissionDependencies, 'featureEnabled' | 'openManifests'>;

/**
 * The manifests in the folder that a configuration names; undefined if it names none. Throws Error with upstream's
 * text.
 */
export function manifestsOf(
  directory: unknown,
  kinds: readonly string[],
  { featureEnabled, openManifests }: Dependencies,
): Manifests | undefined {
  if (directory === undefined || directory === '') return undefined;
  if (!featureEnabled(GATE)) {
    const why = `staticManifestsDir requires the ${GATE} feature gate to be enabled`;
    throw new Error(formatFieldError(forbidden(DIRECTORY, why)));
  }
  if (typeof directory !== 'string' || !isAbsolute(directory)) {
    throw new Error(formatFieldError(invalid(DIRECTORY, directory, 'must be an absolute file path')));
  }
  if (openManifests === undefined) throw new Error('there are no manifests here');
  return openManifests(directory, kinds);
}

/** For a policy plugin, whose configuration has `kind` and only names the folder. */
export function policyManifests(
  kind: string,
  kinds: readonly string[],
  dependencies: Dependencies & Pick<AdmissionDependencies, 'configuration'>,
): Manifests | undefined {
  const { configuration } = dependencies;
  if (configuration === undefined) return undefined;
  if (!isJSONObject(configuration)) throw new Error(`${kind}: expected an object`);
  const { apiVersion, kind: given, staticManifestsDir, ...rest } = configuration;
  if (apiVersion !== VERSION || given !== kind) {
    throw new Error(notRegistered(String(given), String(apiVersion)));
  }
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`strict decoding error: unknown field "${unknown}"`);
  return manifestsOf(staticManifestsDir, kinds, dependencies);
}
