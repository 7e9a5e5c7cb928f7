/**
 * `--admission-control-config-file`
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/config.go).
 */

import { dirname, isAbsolute, join } from 'node:path';
import { notRegistered } from '../runtime/scheme.ts';
import { isJSONObject } from '../util/json.ts';
import type { AdmissionDependencies } from './admission.ts';

/** Each plugin's own configuration, parsed. */
export type AdmissionConfiguration = ReadonlyMap<string, unknown>;

export const NO_CONFIGURATION: AdmissionConfiguration = new Map();

const VERSIONS = new Set(['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1']);
/** Plugins whose own file could once stand in for the whole configuration. */
const LEGACY: Readonly<Record<string, string>> = {
  imagePolicy: 'ImagePolicyWebhook',
  podNodeSelectorPluginConfig: 'PodNodeSelector',
};

/** Reads the file and those it names, relative to itself. Throws an error for the operator. */
export function readAdmissionConfiguration(
  path: string,
  { readFile, parseYAML }: Pick<AdmissionDependencies, 'readFile' | 'parseYAML'>,
): AdmissionConfiguration {
  if (path === '') return NO_CONFIGURATION;
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    throw new Error(
      `unable to read admission control configuration from "${path}" [${(error as Error).message}]`,
    );
  }
  const read = (file: string): unknown =>
    parseYAML(readFile(isAbsolute(file) ? file : join(dirname(path), file)), { version: '1.1' });
  return parseAdmissionConfiguration(parseYAML(text, { version: '1.1' }), read);
}

/** `read` gives the parsed contents of a file that the configuration names. */
function parseAdmissionConfiguration(
  document: unknown,
  read: (path: string) => unknown,
): AdmissionConfiguration {
  if (!isJSONObject(document)) throw new Error('admission configuration: expected an object');
  const { apiVersion, kind, plugins } = document;
  if (apiVersion === undefined || kind === undefined) {
    const legacy = Object.entries(LEGACY).filter(([key]) => Object.hasOwn(document, key));
    if (legacy.length > 0) return new Map(Object.values(LEGACY).map((name) => [name, document]));
    throw new Error(
      `Object '${kind === undefined ? 'Kind' : 'apiVersion'}' is missing in the admission configuration`,
    );
  }
  if (kind !== 'AdmissionConfiguration' || typeof apiVersion !== 'string' || !VERSIONS.has(apiVersion)) {
    throw new Error(notRegistered(String(kind), String(apiVersion)));
  }
  const unknown = Object.keys(document).find((key) => !['apiVersion', 'kind', 'plugins'].includes(key));
  if (unknown !== undefined) throw new Error(`strict decoding error: unknown field "${unknown}"`);
  const configurations = new Map<string, unknown>();
  for (const plugin of Array.isArray(plugins) ? plugins : []) {
    if (!isJSONObject(plugin) || typeof plugin['name'] !== 'string') {
      throw new Error('admission configuration: every plugin needs a name');
    }
    const { name, configuration, path } = plugin;
    if (configurations.has(name)) continue;
    if (configuration !== undefined && configuration !== null) configurations.set(name, configuration);
    else if (typeof path === 'string' && path !== '') configurations.set(name, read(path));
  }
  return configurations;
}
