/**
 * `--admission-control-config-file`
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/config.go).
 */

import { dirname, isAbsolute, join } from 'node:path';
import { ConfigFieldsError } from '../meta/config-fields-error.ts';
import { type FieldError, invalid, required } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { ANY, type ConfigKind, decodeConfigFile, listOf, STRING, structOf } from '../runtime/config-file.ts';
import { isJSONObject } from '../util/json.ts';
import type { ReadFile } from '../util/read-file.ts';

/** The parsed configuration of each plugin. */
export type AdmissionConfiguration = ReadonlyMap<string, unknown>;

const NAME = 'AdmissionConfiguration';
const PLUGINS = {
  plugins: listOf(
    structOf('AdmissionPluginConfiguration', { name: STRING, path: STRING, configuration: ANY }),
  ),
};
export const ADMISSION_CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1'],
  kind: NAME,
  fields: PLUGINS,
};
const EARLIER: ConfigKind = { ...ADMISSION_CONFIGURATION, group: 'apiserver.k8s.io', versions: ['v1alpha1'] };

interface Written {
  readonly plugins?: readonly {
    readonly name?: string;
    readonly path?: string;
    readonly configuration?: unknown;
  }[];
}

/** Plugins whose own configuration file was once accepted as the whole configuration. */
const LEGACY: Readonly<Record<string, string>> = {
  imagePolicy: 'ImagePolicyWebhook',
  podNodeSelectorPluginConfig: 'PodNodeSelector',
};

/**
 * `path` is the path of the file, against which relative paths are resolved. Throws Error with a message for operators.
 */
export async function parseAdmissionConfiguration(
  text: string,
  path: string,
  readFile: ReadFile,
): Promise<AdmissionConfiguration> {
  const { yamlToJSON } = await import('../runtime/serializer/yaml/yaml-to-json.ts');
  const document = parsedOr(() => yamlToJSON(text).value);
  const given = isJSONObject(document) ? document : {};
  const isVersioned = given['apiVersion'] !== undefined && given['kind'] !== undefined;
  if (!isVersioned && Object.keys(LEGACY).some((key) => Object.hasOwn(given, key))) {
    return new Map(Object.values(LEGACY).map((name) => [name, given]));
  }
  const isEarlier = given['apiVersion'] === 'apiserver.k8s.io/v1alpha1';
  const { config } = await decodeConfigFile<Written>(text, isEarlier ? EARLIER : ADMISSION_CONFIGURATION);
  const errors: FieldError[] = [];
  const configurations = new Map<string, unknown>();
  (config.plugins ?? []).forEach((plugin, index) => {
    const at = FieldPath.of('plugins').index(index);
    const { name, path: file = '', configuration } = plugin ?? {};
    if (!name) errors.push(required(at.child('name'), ''));
    else if (configurations.has(name)) return;
    else if (configuration !== undefined && configuration !== null) configurations.set(name, configuration);
    else if (file !== '') {
      try {
        configurations.set(
          name,
          yamlToJSON(readFile(isAbsolute(file) ? file : join(dirname(path), file))).value,
        );
      } catch (error) {
        errors.push(invalid(at.child('path'), file, (error as Error).message));
      }
    }
  });
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  return configurations;
}

/** Undefined if parsing fails; decoding then reports the error. */
function parsedOr(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
