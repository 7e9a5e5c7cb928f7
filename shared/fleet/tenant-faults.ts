/** Faults in what a tenant has chosen, for the author of its `ControlPlane`. */

import { enabledPlugins, pluginNames } from '../admission/options.ts';
import type { AuthenticationConfiguration } from '../authn/oidc/configuration.ts';
import { ConfigFieldsError } from '../meta/config-fields-error.ts';
import { type FieldError, forbidden, invalid, notSupported, OMITTED } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { loadOptions } from '../server/options/completed-options.ts';
import { loadConfigFile } from '../server/options/config-files.ts';
import type { ServerRunOptions } from '../server/options/options.ts';
import { appendAll } from '../util/append-all.ts';
import { isJSONObject } from '../util/json.ts';
import type { ReadFile } from '../util/read-file.ts';
import {
  FILE_FLAGS,
  readTenantArguments,
  TENANT_AUTHORIZERS,
  type TenantChoice,
} from './tenant-arguments.ts';
import {
  CONFIGURATION_NAMES,
  CONFIGURATIONS,
  type ConfigurationName,
  configurationPath,
  NO_FILES,
  type TenantFiles,
} from './tenant-configuration.ts';

export interface TenantFaults {
  /** About arguments. */
  readonly ofArguments: readonly string[];
  /** About other fields of the object, by their paths. */
  readonly ofFields: readonly FieldError[];
}

/** All faults, including those that would keep a server from being created. */
export async function tenantFaults(choice: TenantChoice): Promise<TenantFaults> {
  const { options, errors, readFile } = await readTenantArguments(choice);
  const ofFields = await configurationFaults(choice, options, readFile);
  if (errors.length > 0 || ofFields.length > 0) return { ofArguments: errors, ofFields };
  const { serverErrors } = await import('../server/options/check-configuration.ts');
  const faults = { ofArguments: [] as string[], ofFields: [] as FieldError[] };
  for (const error of await serverErrors(options, { readFile })) {
    const path = fieldOf(error, choice.files ?? NO_FILES);
    if (path === undefined) faults.ofArguments.push(error);
    else faults.ofFields.push(invalid(path, OMITTED, error));
  }
  return faults;
}

/** Warnings about configurations that have no effect. */
export async function tenantWarnings(choice: TenantChoice): Promise<string[]> {
  const { options } = await readTenantArguments(choice);
  const { emulation, ...completed } = await loadOptions(options);
  const enabled = enabledPlugins({
    onlyPlugins: completed.admissionControl,
    enablePlugins: completed.enableAdmissionPlugins,
    disablePlugins: completed.disableAdmissionPlugins,
    defaultPlugins: emulation?.plugins,
  }).map(({ name }) => name);
  return configuredPlugins(choice.files ?? NO_FILES).flatMap((name, index) =>
    name === undefined || enabled.includes(name)
      ? []
      : [`spec.admission.plugins[${index}]: ${name} is configured but not enabled`],
  );
}

/** Faults of the configurations themselves. */
async function configurationFaults(
  { files = NO_FILES }: TenantChoice,
  options: Partial<ServerRunOptions>,
  readFile: ReadFile,
): Promise<FieldError[]> {
  const faults: FieldError[] = [];
  for (const name of CONFIGURATION_NAMES) {
    const fields = files.configurations[name];
    if (fields === undefined) continue;
    const at = FieldPath.of('spec', name);
    const own = OWN_RULES[name]?.(fields, at) ?? [];
    appendAll(faults, own.length > 0 ? own : await parseFaults(name, at, readFile));
  }
  for (const [flag, option] of Object.entries(FILE_FLAGS)) {
    try {
      await loadConfigFile(option, options[option] ?? '', readFile);
    } catch (error) {
      faults.push(invalid(FieldPath.of('spec', 'arguments'), `--${flag}`, (error as Error).message));
    }
  }
  return faults;
}

async function parseFaults(
  name: ConfigurationName,
  at: FieldPath,
  readFile: ReadFile,
): Promise<FieldError[]> {
  try {
    const parsed = await loadConfigFile(CONFIGURATIONS[name].option, configurationPath(name), readFile);
    await CHECKS[name]?.(parsed as object);
    return [];
  } catch (error) {
    const { cause = error } = error as Error;
    if (!(cause instanceof ConfigFieldsError)) return [invalid(at, OMITTED, messageOf(error))];
    return cause.errors.map((one) => ({ ...one, field: `${at}.${one.field}` }));
  }
}

/** The reason alone: the path of a file in the spec is no path for its author. */
function messageOf(error: unknown): string {
  const { cause = error } = error as Error;
  return (cause as Error).message;
}

/** Rules that the parser of a configuration does not have. */
const CHECKS: Partial<Record<ConfigurationName, (parsed: object) => Promise<unknown>>> = {
  authentication: async (parsed) =>
    (await import('../authn/oidc/new-oidc-authenticators.ts')).newOIDCAuthenticators(
      parsed as AuthenticationConfiguration,
      { disallowedIssuers: [] },
    ),
};

type OwnRule = (fields: object, at: FieldPath) => FieldError[];

/** Rules for control planes of a fleet, on fields as they were written. */
const OWN_RULES: Partial<Record<ConfigurationName, OwnRule>> = {
  admission: (fields, at) =>
    listIn(fields, 'plugins').flatMap(({ name, path }, index) => {
      const plugin = at.child('plugins').index(index);
      const known = pluginNames();
      return [
        ...(typeof name === 'string' && name !== '' && !known.includes(name)
          ? [notSupported(plugin.child('name'), name, known)]
          : []),
        ...(path === undefined
          ? []
          : [
              forbidden(plugin.child('path'), 'must be given as configuration by a control plane of a fleet'),
            ]),
      ];
    }),
  authorization: (fields, at) =>
    listIn(fields, 'authorizers').flatMap(({ type }, index) =>
      type === 'AlwaysAllow' || type === 'ABAC'
        ? [
            notSupported(at.child('authorizers').index(index).child('type'), type, [
              ...TENANT_AUTHORIZERS,
              'Webhook',
            ]),
          ]
        : [],
    ),
};

type Fields = Readonly<Record<string, unknown>>;

function listIn(fields: object, name: string): readonly Fields[] {
  const value = (fields as Fields)[name];
  return Array.isArray(value) ? value.map((one) => (isJSONObject(one) ? one : {})) : [];
}

/** The names in `spec.admission.plugins`; undefined for those without one. */
function configuredPlugins({ configurations }: TenantFiles): readonly (string | undefined)[] {
  return listIn(configurations.admission ?? {}, 'plugins').map(({ name }) =>
    typeof name === 'string' ? name : undefined,
  );
}

/** The field that an error of the server is about; undefined: an argument. */
function fieldOf(error: string, files: TenantFiles): FieldPath | undefined {
  const spec = CONFIGURATION_NAMES.find((name) => error.startsWith(`${configurationPath(name)}: `));
  if (spec !== undefined) return FieldPath.of('spec', spec);
  const [, plugin] = /^couldn't init admission plugin "([^"]+)": /.exec(error) ?? [];
  const index = plugin === undefined ? -1 : configuredPlugins(files).indexOf(plugin);
  return index < 0
    ? undefined
    : FieldPath.of('spec', 'admission', 'plugins').index(index).child('configuration');
}
