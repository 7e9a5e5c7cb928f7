import { describe, expect, test } from 'vitest';
import { installAll } from '../../../shared/apis/install.ts';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import {
  formatGroupVersion,
  type GroupVersionKind,
  parseGroupVersion,
} from '../../../shared/runtime/group-version.ts';
import { type KnownType, type RuntimeObject, Scheme } from '../../../shared/runtime/scheme.ts';
import type { TypeSchema } from '../../../shared/runtime/type-schema.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';
import { arbitraryOf, isAlwaysThere } from '../../fixtures/generate-object.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);

test('every servable kind is registered, with its list', () => {
  const missing = [...builtinResources()].flatMap(([apiVersion, { resources }]) =>
    Object.values(resources)
      .flatMap(({ kind, verbs, subresources = {} }) => [
        { ...parseGroupVersion(apiVersion)!, kind },
        ...(verbs.includes('list') ? [{ ...parseGroupVersion(apiVersion)!, kind: `${kind}List` }] : []),
        ...Object.values(subresources).map((sub) => ({ ...parseGroupVersion(apiVersion)!, ...sub })),
      ])
      .filter((gvk) => !scheme.recognizes(gvk))
      .map(({ version, kind }) => `${apiVersion}: ${version} ${kind}`),
  );
  expect(missing).toEqual([]);
});

/** Kinds of a single group; those of apimachinery are in every group. */
const types = scheme
  .allKnownTypes()
  .filter(({ definition }) => !definition.startsWith('io.k8s.apimachinery'));

/** Kinds whose newest version lacks fields of the previous one, which is then the hub. */
const HUBS: Readonly<Record<string, string>> = {
  PodCertificateRequest: 'v1beta1',
  PodCertificateRequestList: 'v1beta1',
};

function hubOf({ gvk, internalGroup = gvk.group }: KnownType): GroupVersionKind {
  const version =
    HUBS[gvk.kind] ??
    scheme
      .versions(internalGroup)
      .find((candidate) => scheme.recognizes({ group: internalGroup, version: candidate, kind: gvk.kind }))!;
  return { group: internalGroup, version, kind: gvk.kind };
}

/**
 * Paths where a value differs from the output of a decoder: unknown fields, or missing fields that are always present.
 */
function deviations(schema: TypeSchema, value: unknown, path: string): string[] {
  if (value === undefined) return [`${path} is undefined`];
  switch (schema.kind) {
    case 'list':
      return ((value ?? []) as unknown[]).flatMap((item) => deviations(schema.element, item, `${path}[]`));
    case 'map':
      return Object.values(value ?? {}).flatMap((item) => deviations(schema.element, item, `${path}[key]`));
    case 'struct': {
      const object = value as Record<string, unknown>;
      const unknown = Object.keys(object).filter((key) => !schema.fields.has(key));
      const absent = [...schema.fields.values()].filter(
        (field) => isAlwaysThere(field) && object[field.name] === undefined,
      );
      const nulls = [...schema.fields.values()].filter(
        (field) => !isAlwaysThere(field) && object[field.name] === null,
      );
      return [
        ...unknown.map((key) => `${path}.${key} is unknown`),
        ...absent.map(({ name }) => `${path}.${name} is absent`),
        ...nulls.map(({ name }) => `${path}.${name} is null`),
        ...[...schema.fields.values()]
          .filter(({ name }) => object[name] !== undefined && object[name] !== null)
          .flatMap((field) => deviations(field.schema, object[field.name], `${path}.${field.name}`)),
      ];
    }
    default:
      return [];
  }
}

type Fields = Record<string, unknown>;

/** The structs at the end of a path, including those in lists. */
function fieldsOf(object: unknown, ...names: string[]): Fields[] {
  let found = [object as Fields];
  for (const name of names) {
    found = found.flatMap<Fields>((fields) => (fields[name] as Fields | Fields[] | null | undefined) ?? []);
  }
  return found;
}

/** Zero shares are marked by an annotation, which conversion adds. */
function markZeroShares(object: unknown): void {
  for (const metadata of fieldsOf(object, 'metadata')) {
    const key = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
    metadata['annotations'] = { ...(metadata['annotations'] as object), [key]: '' };
  }
}

/** Normalisations by upstream's conversions that lose information: applied to generated objects. */
const SETTLED: Readonly<Record<string, (object: unknown) => void>> = {
  'apiextensions.k8s.io/v1beta1/CustomResourceDefinition': settleDefinition,
  'autoscaling/v1/HorizontalPodAutoscaler': (object) => {
    for (const spec of fieldsOf(object, 'spec')) spec['targetCPUUtilizationPercentage'] ??= 80;
    // Restored as an annotation, too.
    for (const status of fieldsOf(object, 'status')) delete status['currentCPUUtilizationPercentage'];
  },
  'discovery.k8s.io/v1beta1/EndpointSlice': (object) => {
    for (const endpoint of fieldsOf(object, 'endpoints')) {
      const hostname = endpoint['nodeName'];
      if (hostname !== undefined) {
        endpoint['topology'] = { ...(endpoint['topology'] as object), 'kubernetes.io/hostname': hostname };
      }
    }
  },
  'flowcontrol.apiserver.k8s.io/v1beta3/PriorityLevelConfiguration': (object) => {
    for (const { nominalConcurrencyShares } of fieldsOf(object, 'spec', 'limited')) {
      if (nominalConcurrencyShares === 0) markZeroShares(object);
    }
  },
  'rbac.authorization.k8s.io/v1alpha1/RoleBinding': settleSubjects,
  'rbac.authorization.k8s.io/v1alpha1/ClusterRoleBinding': settleSubjects,
  'scheduling.k8s.io/v1alpha2/PodGroup': (object) => {
    for (const spec of fieldsOf(object, 'spec')) {
      if (fieldsOf(spec, 'podGroupTemplateRef', 'workload').length === 0) delete spec['podGroupTemplateRef'];
      settleMode(spec);
    }
  },
  'scheduling.k8s.io/v1alpha2/Workload': (object) => {
    fieldsOf(object, 'spec', 'podGroupTemplates').forEach(settleMode);
  },
  'networking.k8s.io/v1beta1/Ingress': settleIngress,
  'extensions/v1beta1/Ingress': settleIngress,
  'resource.k8s.io/v1beta1/ResourceSlice': (object) => {
    for (const device of fieldsOf(object, 'spec', 'devices')) device['basic'] ??= {};
  },
};

/** Any mode but these two is the default. */
function settleMode(spec: Fields): void {
  if (spec['disruptionMode'] !== undefined && spec['disruptionMode'] !== 'PodGroup')
    spec['disruptionMode'] = 'Pod';
}

/** Values common to all versions are moved to the top; an empty list of versions is dropped. */
function settleDefinition(object: unknown): void {
  const definition = object as Fields;
  // The generator reuses parts for smaller objects, where values must not be moved again.
  definition['spec'] = structuredClone(definition['spec']);
  for (const spec of fieldsOf(object, 'spec')) {
    const versions = fieldsOf(spec, 'versions');
    spec['preserveUnknownFields'] ??= false;
    spec['version'] = versions[0]?.['name'];
    if (versions.length === 0) for (const key of ['version', 'versions']) delete spec[key];
    for (const [all, one] of [
      ['validation', 'schema'],
      ['subresources', 'subresources'],
      ['additionalPrinterColumns', 'additionalPrinterColumns'],
      ['selectableFields', 'selectableFields'],
    ] as const) {
      if (versions.length === 0 || versions.some((version) => version[one] !== undefined)) delete spec[all];
      const said = new Set(versions.map((version) => JSON.stringify(version[one])));
      if (said.size !== 1 || versions[0]![one] === undefined) continue;
      spec[all] = versions[0]![one];
      for (const version of versions) delete version[one];
    }
  }
}

/** The version in a foreign subject's group is dropped. */
function settleSubjects(object: unknown): void {
  for (const subject of fieldsOf(object, 'subjects')) {
    const [group, version] = String(subject['apiVersion'] ?? '').split('/');
    if (version !== undefined) subject['apiVersion'] = `${group}/`;
    else delete subject['apiVersion'];
  }
}

/** An empty name is dropped. */
function settleIngress(object: unknown): void {
  const backends = [
    ...fieldsOf(object, 'spec', 'backend'),
    ...fieldsOf(object, 'spec', 'rules', 'http', 'paths', 'backend'),
  ];
  for (const backend of backends) if (backend['serviceName'] === '') delete backend['serviceName'];
}

const nameOf = ({ gvk }: KnownType): string => `${formatGroupVersion(gvk)}/${gvk.kind}`;
const settle = (type: KnownType, object: RuntimeObject): RuntimeObject => {
  const isList = nameOf(type).endsWith('List');
  // List items have no apiVersion and kind.
  if (isList)
    for (const item of fieldsOf(object, 'items')) for (const key of ['apiVersion', 'kind']) delete item[key];
  const settleOne = SETTLED[isList ? nameOf(type).slice(0, -'List'.length) : nameOf(type)];
  if (settleOne !== undefined)
    for (const item of isList ? fieldsOf(object, 'items') : [object]) settleOne(item);
  return object;
};

describe.each(types.map((type) => [nameOf(type), type] as const))('%s', (_, type) => {
  const { gvk } = type;
  const apiVersion = formatGroupVersion(gvk);
  const objects = arbitraryOf(scheme.schema(gvk)).map((object) => {
    return settle(type, { ...(object as object), apiVersion, kind: gvk.kind });
  });

  test('conversion to the hub and back preserves all fields of the version', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const hub = scheme.toInternal(structuredClone(object));
        expect(deviations(scheme.schema(hubOf(type)), hub, gvk.kind)).toEqual([]);
        expect(scheme.fromInternal(hub, gvk)).toStrictEqual(object);
      }),
      { numRuns: fuzzRuns(8) },
    );
  });

  test('conversion from the hub yields no fields unknown to the version', () => {
    const hubs = arbitraryOf(scheme.schema(hubOf(type))) as fc.Arbitrary<RuntimeObject>;
    fc.assert(
      fc.property(hubs, (hub) => {
        const object = scheme.fromInternal(structuredClone(hub), gvk);
        expect(deviations(scheme.schema(gvk), object, gvk.kind)).toEqual([]);
      }),
      { numRuns: fuzzRuns(8) },
    );
  });
});
