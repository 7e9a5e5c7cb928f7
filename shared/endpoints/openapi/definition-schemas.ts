/** Schemas of built-in types, generated from their tables (kube-openapi's `generators/openapi.go`). */

import { type GroupVersion, type GroupVersionKind, parseGroupVersion } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { TableField, TableType } from '../../runtime/type-tables.ts';
import { fieldDescription, type OpenAPIDescriptions } from './openapi-descriptions.ts';
import type { OpenAPISchema, OpenAPIVersion } from './openapi-model.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** The body of patches, which is in no type table. */
const PATCH = `${META}.Patch`;

/** Field types that have a definition of their own. */
const REFERENCES: Readonly<Record<string, string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  time: `${META}.Time`,
  'micro-time': `${META}.MicroTime`,
  duration: `${META}.Duration`,
  'int-or-string': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fieldsV1: `${META}.FieldsV1`,
};

const INLINE: Readonly<Record<string, OpenAPISchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

/** Zero values that upstream publishes as defaults: those of fields for which Go can't tell unset from zero. */
const ZEROS: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
};

const REFERENCE_PREFIX = { 2: '#/definitions/', 3: '#/components/schemas/' } as const;

/** The package of a definition: `io.k8s.api.core.v1.Pod` -> `io.k8s.api.core.v1`. */
const packageOf = (definition: string): string => definition.slice(0, definition.lastIndexOf('.'));

/** A reference to a definition. */
export function reference(definition: string, version: OpenAPIVersion): OpenAPISchema {
  return { $ref: `${REFERENCE_PREFIX[version]}${definition}` };
}

/** OpenAPI 3.0 allows no siblings of a reference, so it is wrapped in `allOf`. */
function beside(schema: OpenAPISchema, more: OpenAPISchema, version: OpenAPIVersion): OpenAPISchema {
  const { $ref, ...rest } = schema;
  if ($ref === undefined || version === 2 || Object.keys(more).length === 0) return { ...schema, ...more };
  return { allOf: [{ $ref }], ...rest, ...more };
}

export class DefinitionSchemas {
  readonly #scheme: Scheme;
  readonly #descriptions: OpenAPIDescriptions;
  readonly #gvks: ReadonlyMap<string, readonly GroupVersionKind[]>;

  constructor(scheme: Scheme, descriptions: OpenAPIDescriptions) {
    this.#scheme = scheme;
    this.#descriptions = descriptions;
    this.#gvks = registrations(scheme);
  }

  has(definition: string): boolean {
    return definition === PATCH || this.#scheme.tables.has(definition);
  }

  /** Definitions that a definition refers to directly. */
  references(definition: string): string[] {
    if (definition === PATCH) return [];
    const { fields = {}, custom, special } = this.#scheme.tables.type(definition);
    if (custom || special !== undefined) return [];
    return Object.values(fields).flatMap((field) => referenceOf(definition, field) ?? []);
  }

  /**
   * For kinds that are in every group version, OpenAPI 3 documents list only `groupVersion`'s and the core group's
   * kinds.
   */
  schema(definition: string, version: OpenAPIVersion, groupVersion?: GroupVersion): OpenAPISchema {
    const { definitions } = this.#descriptions;
    const description = Object.hasOwn(definitions, definition)
      ? definitions[definition]!.description
      : undefined;
    const described = description === undefined ? {} : { description };
    if (definition === PATCH) return { ...described, type: 'object' };
    const { 'x-kubernetes-group-version-kind': kinds, ...body } = this.#body(
      definition,
      this.#scheme.tables.type(definition),
      version,
    );
    if (kinds === undefined) return { ...described, ...body };
    const named = version === 3 ? namedBy(kinds as GroupVersionKind[], groupVersion) : kinds;
    return { ...described, ...body, 'x-kubernetes-group-version-kind': named };
  }

  #body(definition: string, type: TableType, version: OpenAPIVersion): OpenAPISchema {
    if (type.custom) return {};
    if (type.special !== undefined) return special(type, version);
    const fields = Object.entries(type.fields ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
    const required = Object.entries(type.fields ?? {}).filter(([, field]) => field.required);
    const gvks = this.#gvks.get(definition);
    return {
      type: 'object',
      ...(required.length > 0 && { required: required.map(([name]) => name) }),
      ...(fields.length > 0 && {
        properties: Object.fromEntries(
          fields.map(([name, field]) => [name, this.#property(definition, name, field, version)]),
        ),
      }),
      ...(gvks && { 'x-kubernetes-group-version-kind': gvks.map(gvkExtension) }),
      ...(type.mapType && { 'x-kubernetes-map-type': type.mapType }),
      ...(type.unions && { 'x-kubernetes-unions': type.unions }),
    };
  }

  #property(definition: string, name: string, field: TableField, version: OpenAPIVersion): OpenAPISchema {
    const description = fieldDescription(this.#descriptions, definition, name);
    const value = version === 3 ? this.#default(field) : undefined;
    const more = {
      ...(description !== undefined && { description }),
      ...(value !== undefined && { default: value }),
      ...extensions(field),
    };
    return beside(this.#container(definition, field, version), more, version);
  }

  #container(definition: string, field: TableField, version: OpenAPIVersion): OpenAPISchema {
    const element = elementSchema(definition, field, version);
    if (field.container === undefined) return element;
    const zero = version === 3 ? this.#zero(field) : undefined;
    const member = zero === undefined ? element : beside(element, { default: zero }, version);
    if (field.container === 'array') return { type: 'array', items: member };
    if (field.container === 'map') return { type: 'object', additionalProperties: member };
    return { type: 'object', additionalProperties: { type: 'array', items: member } };
  }

  #default(field: TableField): unknown {
    if (field.default !== undefined) return field.default;
    if (field.container !== undefined || field.ptr) return undefined;
    const isStruct = field.type.startsWith('ref:');
    return isStruct || !field.omitempty ? this.#zero(field) : undefined;
  }

  /** The zero value of a field; undefined if upstream's generator publishes none. */
  #zero({ type }: TableField): unknown {
    if (!type.startsWith('ref:')) return ZEROS[type];
    const target = this.#scheme.tables.type(type.slice('ref:'.length));
    return target.special !== undefined || target.custom ? undefined : {};
  }
}

/** The schema, from its table, of a type with a JSON form of its own. */
function special(type: TableType, version: OpenAPIVersion): OpenAPISchema {
  return (version === 3 ? (type.openapiV3 ?? type.openapi) : type.openapi) as OpenAPISchema;
}

function referenceOf(definition: string, { type }: TableField): string | undefined {
  if (type.startsWith('ref:')) return type.slice('ref:'.length);
  if (type === 'json') return `${packageOf(definition)}.JSON`;
  return REFERENCES[type];
}

function elementSchema(definition: string, field: TableField, version: OpenAPIVersion): OpenAPISchema {
  const target = referenceOf(definition, field);
  if (target !== undefined) return reference(target, version);
  const schema = INLINE[field.type]!;
  return field.enum === undefined ? schema : { ...schema, enum: field.enum };
}

function extensions(field: TableField): OpenAPISchema {
  return {
    ...(field.listMapKeys && { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.listType && { 'x-kubernetes-list-type': field.listType }),
    ...(field.mapType && { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchMergeKey && { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy && { 'x-kubernetes-patch-strategy': field.patchStrategy }),
  };
}

function namedBy(kinds: readonly GroupVersionKind[], own?: GroupVersion): readonly GroupVersionKind[] {
  const named = kinds.filter(
    ({ group, version }) =>
      (group === '' && version === 'v1') || (group === own?.group && version === own.version),
  );
  return named.length > 0 ? named : kinds;
}

export function gvkExtension({ group, version, kind }: GroupVersionKind): OpenAPISchema {
  return { group, kind, version };
}

/** The kinds as which each definition is registered. */
function registrations(scheme: Scheme): Map<string, GroupVersionKind[]> {
  const gvks = new Map<string, GroupVersionKind[]>();
  const add = (definition: string, gvk: GroupVersionKind): void => {
    const known = gvks.get(definition);
    if (known === undefined) gvks.set(definition, [gvk]);
    else known.push(gvk);
  };
  for (const { definition, gvk } of scheme.allKnownTypes()) add(definition, gvk);
  for (const [definition, { gvk }] of Object.entries(scheme.tables.table(META))) {
    if (gvk === undefined || gvk === '*') continue;
    const [kind, ...groupVersion] = gvk.split('/').reverse();
    const gv = parseGroupVersion(groupVersion.reverse().join('/'))!;
    if (!gvks.has(definition)) add(definition, { ...gv, kind: kind! });
  }
  const key = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}/${kind}`;
  for (const list of gvks.values()) list.sort((left, right) => (key(left) < key(right) ? -1 : 1));
  return gvks;
}
