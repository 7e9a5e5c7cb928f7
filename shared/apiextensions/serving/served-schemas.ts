/**
 * Compiled schemas, shared by all equal definitions of all control planes in this process, because many have the same
 * operators installed. They contain nothing specific to a control plane.
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
  /** Without documentation; equal schemas are the same object. */
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly form: ResourceForm;
  readonly types: ResourceTypes;
  readonly codecs: CodecFactory;
  /** Keyed by schema, for all versions. */
  readonly validators = new Map<JSONSchemaProps, SchemaValidator>();
  /** Keyed by version; only those in use. */
  readonly ofVersions = new Map<string, CustomResourceValidator>();
  readonly #made = new Map<string, unknown>();

  constructor(
    versions: readonly CustomResourceDefinitionVersion[],
    parts: Pick<ServedSchemas, 'form' | 'types' | 'codecs'>,
  ) {
    this.versions = versions;
    this.form = parts.form;
    this.types = parts.types;
    this.codecs = parts.codecs;
  }

  /** A value made once for all control planes, from nothing but these schemas and what `name` says. */
  shared<V>(name: string, make: () => V): V {
    let made = this.#made.get(name) as V | undefined;
    if (made === undefined) {
      made = make();
      this.#made.set(name, made);
    }
    return made;
  }
}

/** Keyed by scheme, which determines the other kinds. */
const KNOWN = new WeakMap<Scheme, WeakValues<ServedSchemas>>();

/** Throws Error for a definition that validation would have rejected. */
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

/** Interns the schemas, because versions are mostly identical. */
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

/** Keyed by version. Old definitions may have schemas that aren't structural; these don't prune. */
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
