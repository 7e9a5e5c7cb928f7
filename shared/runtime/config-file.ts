/**
 * Configuration files of the server: versioned objects in YAML or JSON. Decoding is strict, so that a misspelt
 * restriction is an error rather than silently missing.
 */

import type { FieldSchema, ScalarType, StructSchema, TypeSchema } from './type-schema.ts';

export const STRING: TypeSchema = { kind: 'scalar', type: 'string' };
export const BOOLEAN: TypeSchema = { kind: 'scalar', type: 'boolean' };
export const INTEGER: TypeSchema = { kind: 'scalar', type: 'int32' satisfies ScalarType };
export const ANY: TypeSchema = { kind: 'untyped', type: 'any' };

export function listOf(element: TypeSchema): TypeSchema {
  return { kind: 'list', element, listType: 'atomic', listMapKeys: [] };
}

export const STRINGS = listOf(STRING);

const field = (name: string, schema: TypeSchema): [string, FieldSchema] => [
  name,
  {
    name,
    schema,
    required: false,
    omitempty: true,
    omitzero: false,
    pointer: true,
    patchStrategies: [],
  },
];

/** A struct with optional fields only. `name` appears in messages. */
export function structOf(name: string, fields: Readonly<Record<string, TypeSchema>>): StructSchema {
  const entries = Object.entries(fields).map(([key, schema]) => field(key, schema));
  return { kind: 'struct', name, fields: new Map(entries), atomic: false };
}

/** A kind of configuration with its versions, which share one schema. */
export interface ConfigKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  /** Whether files without version and kind are of this kind, in its first version. */
  readonly isImplied?: boolean;
  readonly fields: Readonly<Record<string, TypeSchema>>;
}

/** The file isn't a valid configuration of this kind; the message is meant for operators. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** The decoded object with the version in which it was written. Rejects with `ConfigFileError`. */
export async function decodeConfigFile<T>(
  text: string,
  { group, versions, kind, isImplied = false, fields }: ConfigKind,
): Promise<{ readonly config: T; readonly version: string }> {
  const [{ yamlToJSON }, { decodeJSON }] = await Promise.all([
    import('./serializer/yaml/yaml-to-json.ts'),
    import('./serializer/json/decode-json.ts'),
  ]);
  const schema = structOf(kind, { apiVersion: STRING, kind: STRING, ...fields });
  try {
    const converted = yamlToJSON(text);
    const { value, strictErrors } = decodeJSON(JSON.stringify(converted.value), schema, {
      strict: true,
    });
    const config = value as T & { readonly apiVersion?: string; readonly kind?: string };
    const nameOf = (version: string) => (group === '' ? version : `${group}/${version}`);
    const given = config?.apiVersion ?? (isImplied ? nameOf(versions[0]!) : '');
    const givenKind = config?.kind ?? (isImplied ? kind : '');
    const version = versions.find((one) => given === nameOf(one));
    if (version === undefined || givenKind !== kind) {
      throw new ConfigFileError(
        `no kind ${JSON.stringify(givenKind)} is registered for version ${JSON.stringify(given)}`,
      );
    }
    const errors = [...converted.strictErrors, ...strictErrors];
    if (errors.length > 0) throw new ConfigFileError(`strict decoding error: ${errors.join(', ')}`);
    return { config, version };
  } catch (error) {
    if (error instanceof ConfigFileError) throw error;
    throw new ConfigFileError((error as Error).message, { cause: error });
  }
}
