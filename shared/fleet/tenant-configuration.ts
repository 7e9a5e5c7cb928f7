/** The configuration files of kube-apiserver that are fields of a control plane's spec. */

import type { ConfigFileOption } from '../server/options/config-files.ts';
import type { ReadFile } from '../util/read-file.ts';

/** Fields of the spec that replace a configuration file of kube-apiserver, without version and kind. */
export interface TenantConfigurations {
  readonly admission?: object | undefined;
  readonly audit?: object | undefined;
  readonly authentication?: object | undefined;
  readonly authorization?: object | undefined;
}

export interface TenantFiles {
  readonly configurations: TenantConfigurations;
  /** Texts by name. */
  readonly texts: Readonly<Record<string, string>>;
}

export const NO_FILES: TenantFiles = { configurations: {}, texts: {} };

export type ConfigurationName = keyof TenantConfigurations;

interface Configuration {
  /** The server's option that names such a file. */
  readonly option: ConfigFileOption;
  readonly apiVersion: string;
  readonly kind: string;
}

const V1 = 'apiserver.config.k8s.io/v1';
export const CONFIGURATIONS: Readonly<Record<ConfigurationName, Configuration>> = {
  admission: { option: 'admissionControlConfigFile', apiVersion: V1, kind: 'AdmissionConfiguration' },
  audit: { option: 'auditPolicyFile', apiVersion: 'audit.k8s.io/v1', kind: 'Policy' },
  authentication: { option: 'authenticationConfig', apiVersion: V1, kind: 'AuthenticationConfiguration' },
  authorization: { option: 'authorizationConfig', apiVersion: V1, kind: 'AuthorizationConfiguration' },
};

export const CONFIGURATION_NAMES = Object.keys(CONFIGURATIONS) as ConfigurationName[];

/** The configurations that a spec contains. */
export function configurationsOf(spec: TenantConfigurations): TenantConfigurations {
  const given = CONFIGURATION_NAMES.filter((name) => spec[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, spec[name]]));
}

/** The path under which the server reads a configuration of the spec. */
export const configurationPath = (name: ConfigurationName): string => `/spec/${name}`;

/**
 * Reads the configurations of the spec, and files by name: a tenant has only one folder. `unknownFile`: the content of
 * all others; absent: reading them throws an Error.
 */
export function tenantFileReader({ configurations, texts }: TenantFiles, unknownFile?: string): ReadFile {
  const inSpec = new Map(
    CONFIGURATION_NAMES.flatMap((name) => {
      const fields = configurations[name];
      return fields === undefined ? [] : [[configurationPath(name), configurationText(name, fields)]];
    }),
  );
  return (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const text = inSpec.get(path) ?? (Object.hasOwn(texts, name) ? texts[name] : unknownFile);
    if (text !== undefined) return text;
    throw new Error(`there is no file ${name}: the files of a control plane are in the Secret of spec.files`);
  };
}

/** A pasted file may name its version and kind, which are otherwise implied. */
function configurationText(name: ConfigurationName, fields: object): string {
  const { apiVersion, kind } = CONFIGURATIONS[name];
  return JSON.stringify({ apiVersion, kind, ...fields });
}
