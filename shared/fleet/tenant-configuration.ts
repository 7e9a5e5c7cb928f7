/** The configuration files of kube-apiserver that are fields of a control plane's spec. */

import { ADMISSION_CONFIGURATION } from '../admission/configuration.ts';
import { AUDIT_POLICY } from '../audit/policy.ts';
import { AUTHENTICATION_CONFIGURATION } from '../authn/oidc/configuration.ts';
import { AUTHORIZATION_CONFIGURATION } from '../authz/configuration-kind.ts';
import type { ConfigKind } from '../runtime/config-file.ts';
import type { ConfigFileOption } from '../server/options/config-files.ts';
import type { ReadFile } from '../util/read-file.ts';
import type { TenantConfigurations, TenantFiles } from './tenant-files.ts';

export type ConfigurationName = keyof TenantConfigurations;

interface Configuration {
  /** The server's option that names such a file. */
  readonly option: ConfigFileOption;
  readonly kind: ConfigKind;
}

export const CONFIGURATIONS: Readonly<Record<ConfigurationName, Configuration>> = {
  admission: { option: 'admissionControlConfigFile', kind: ADMISSION_CONFIGURATION },
  audit: { option: 'auditPolicyFile', kind: AUDIT_POLICY },
  authentication: { option: 'authenticationConfig', kind: AUTHENTICATION_CONFIGURATION },
  authorization: { option: 'authorizationConfig', kind: AUTHORIZATION_CONFIGURATION },
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
  const { group, versions, kind } = CONFIGURATIONS[name].kind;
  return JSON.stringify({ apiVersion: `${group}/${versions[0]}`, kind, ...fields });
}
