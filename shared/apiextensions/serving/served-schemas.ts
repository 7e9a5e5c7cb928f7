/**
 * What is compiled of a definition's schemas: one for all definitions that say the same, of whatever control planes in
 * this process, since many of them have the same operators. None of it can be told apart by who uses it.
 */

import { createHash } from 'node:crypto';
import { type Definition, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import type { Pieces } from '../../util/breathe.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { WeakValues } from '../../util/weak-values.ts';
import type { SchemaTools } from '../definition/schema-tools.ts';
import type { CustomResourceValidator } from '../registry/customresource/custom-resource-validator.ts';
import { SchemaInterner } from '../schema/schema-interner.ts';
import { newStructural, type Structural, structuralError } from '../schema/structural.ts';
import type { SchemaValidator } from '../validation/schema-validator.ts';
import { customResourceCodecs } from './custom-resource-codecs.ts';
import { ResourceTypes } from './custom-resource-field-manager.ts';
import { ResourceForm } from './resource-form.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

export class ServedSchemas {
  /** Without their documentation; equal schemas are one object. */
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly form: ResourceForm;
  readonly types: ResourceTypes;
  readonly codecs: CodecFactory;
  /** By schema, for all versions. */
  readonly validators = new Map<JSONSchemaProps, SchemaValidator>();
  /** By version: those that were asked for. */
  readonly ofVersions = new Map<string, CustomResourceValidator>();

  constructor(
    versions: readonly CustomResourceDefinitionVersion[],
    parts: Pick<ServedSchemas, 'form' | 'types' | 'codecs'>,
  ) {
    this.versions = versions;
    this.form = parts.form;
    this.types = parts.types;
    this.codecs = parts.codecs;
  }
}

/** What kinds there are beside a definition's own differs by scheme. */
const KNOWN = new WeakMap<Scheme, WeakValues<ServedSchemas>>();

/** Throws Error for a definition that validation would not have let in. */
export function* servedSchemas(
  { spec, status }: Definition,
  scheme: Scheme,
  { objectMeta }: SchemaTools,
): Pieces<ServedSchemas> {
  const { group, preserveUnknownFields = false } = spec;
  const { kind } = status.acceptedNames;
  const versions = yield* withoutDocumentation(versionsOf(spec));
  const said = stringifyJSON([group, kind, preserveUnknownFields, versions]);
  yield;
  const key = createHash('sha256').update(said).digest('base64');
  yield;
  let known = KNOWN.get(scheme);
  if (known === undefined) {
    known = new WeakValues();
    KNOWN.set(scheme, known);
  }
  const schemas = yield* structuralsOf(versions, preserveUnknownFields);
  return known.get(key, () => {
    const form = new ResourceForm({ group, kind, schemas, preserveUnknownFields, objectMeta });
    const types = new ResourceTypes({
      ...{ group, kind, form, versions: versions.map(({ name }) => name) },
      objectMeta: scheme.tables.schema(OBJECT_META),
    });
    return new ServedSchemas(versions, { form, types, codecs: customResourceCodecs(scheme, form) });
  });
}

/** Versions mostly repeat each other. */
function* withoutDocumentation(
  all: readonly CustomResourceDefinitionVersion[],
): Pieces<readonly CustomResourceDefinitionVersion[]> {
  const interner = new SchemaInterner();
  const versions: CustomResourceDefinitionVersion[] = [];
  for (const version of all) {
    const root = version.schema?.openAPIV3Schema;
    versions.push(root ? { ...version, schema: { openAPIV3Schema: interner.intern(root) } } : version);
    yield;
  }
  return versions;
}

/** By version. Schemas that aren't structural are known of old definitions only, which prune nothing by them. */
function* structuralsOf(
  versions: readonly CustomResourceDefinitionVersion[],
  preserveUnknownFields: boolean,
): Pieces<ReadonlyMap<string, Structural>> {
  const structurals = new Map<string, Structural>();
  const known = new Map<JSONSchemaProps, Structural>();
  for (const { name, schema } of versions) {
    const root = schema?.openAPIV3Schema;
    if (!root) continue;
    const error = structuralError(root);
    yield;
    if (error === undefined) structurals.set(name, newStructural(root, known));
    else if (!preserveUnknownFields) {
      throw new Error('the server could not properly serve the CR schema');
    }
  }
  return structurals;
}
