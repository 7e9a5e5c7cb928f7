/** Imports type tables from Go packages: a small release in a folder, as for `--modules`. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compareColumns } from '../../../infra/import/columns.ts';
import { importDescriptions } from '../../../infra/import/descriptions.ts';
import { InternalFormsImporter } from '../../../infra/import/internal-forms.ts';
import { openSources } from '../../../infra/import/modules.ts';
import { PackageReader } from '../../../infra/import/package-reader.ts';
import { Report } from '../../../infra/import/report.ts';
import { importResources } from '../../../infra/import/resources.ts';
import { importTypes, type TypeTable, withoutModule } from '../../../infra/import/types.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES: Readonly<Record<string, string>> = {
  'k8s.io/kubernetes@v1.99.0/pkg/features/x.go': '',
  'k8s.io/kubernetes@v1.99.0/api/openapi-spec/swagger.json': JSON.stringify({
    definitions: {
      'io.k8s.api.zoo.v1.Animal': { 'x-kubernetes-unions': [{ discriminator: 'kind' }] },
      'io.k8s.api.zoo.v1.Cage': {},
      'io.k8s.api.zoo.v1.Nest': {},
    },
  }),
  'k8s.io/apimachinery@v0.99.0/pkg/apis/meta/v1/types.go': 'package v1\n\ntype TypeMeta struct {\n}\n',
  'k8s.io/apiextensions-apiserver@v0.99.0/pkg/apis/x.go': '',
  'k8s.io/kube-aggregator@v0.99.0/pkg/apis/x.go': '',
  'k8s.io/api@v0.99.0/core/v1/types.go': `package v1

type Volume string

const (
	Loud  Volume = "Loud"
	Quiet Volume = "Quiet"
)

type Box struct {
	Rule Rule \`json:"rule" protobuf:"bytes,1,opt,name=rule"\`
}

type Unused struct {
}

type Rule struct {
	Text string \`json:"text" protobuf:"bytes,1,opt,name=text"\`
}
`,
  'k8s.io/kubernetes@v1.99.0/pkg/generated/openapi/zz_generated.openapi.go': `package openapi

func schema_k8sio_api_zoo_v1_Animal(ref common.ReferenceCallback) common.OpenAPIDefinition {
	return common.OpenAPIDefinition{
		Schema: spec.Schema{
			SchemaProps: spec.SchemaProps{
				Description: "An animal, \\"wild\\" or not.",
				Type:        []string{"object"},
				Properties: map[string]spec.Schema{
					"metadata": {
						SchemaProps: spec.SchemaProps{
							Default: map[string]interface{}{},
							Ref:     ref(metav1.ObjectMeta{}.OpenAPIModelName()),
						},
					},
					"food": {
						SchemaProps: spec.SchemaProps{
							Description: "What it eats.\\nOften.",
							Type:        []string{"string"},
						},
					},
					"rules": {
						VendorExtensible: spec.VendorExtensible{
							Extensions: spec.Extensions{
								"x-kubernetes-list-type": "map",
							},
						},
						SchemaProps: spec.SchemaProps{
							Description: "Its rules.",
						},
					},
				},
			},
		},
	}
}

func schema_pkg_apis_meta_v1_Time(ref common.ReferenceCallback) common.OpenAPIDefinition {
	return common.OpenAPIDefinition{
		Schema: spec.Schema{
			SchemaProps: spec.SchemaProps{
				Description: "A time.",
			},
		},
	}
}
`,
  'k8s.io/kubernetes@v1.99.0/pkg/printers/internalversion/printers.go': `package internalversion

func AddHandlers(h printers.PrintHandler) {
	roleColumns := []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
		{Name: "Created At", Type: "date", Description: metav1.ObjectMeta{}.SwaggerDoc()["creationTimestamp"]},
	}
	_ = h.TableHandler(roleColumns, printRole)
	_ = h.TableHandler(roleColumns, printRoleList)

	animalColumns := []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
	}
	animalColumns = append(animalColumns, []metav1.TableColumnDefinition{
		{Name: "Food", Type: "string", Priority: 1, Description: "What it eats."},
	}...)
	_ = h.TableHandler(animalColumns, printAnimal)
}

func printRole(obj *rbac.Role, options printers.GenerateOptions) ([]metav1.TableRow, error) {
}

func printAnimal(obj *zoo.Animal, options printers.GenerateOptions) ([]metav1.TableRow, error) {
}
`,
  'k8s.io/kubernetes@v1.99.0/pkg/apis/core/types.go': `package core

type EventSource struct {
	Component string
	Host      string
}
`,
  'k8s.io/api@v0.99.0/zoo/v1/register.go': 'package v1\n\nconst GroupName = "zoo.k8s.io"\n',
  'k8s.io/api@v0.99.0/zoo/v1/types.go': `package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// +enum
type Food string

const (
	Meat Food = "Meat"
	// Made of another's constant.
	Hay = Food(corev1.Quiet)
)

type Rule = corev1.Rule

type Foods []Food

// +structType=atomic
type Cage struct {
	// +required
	Id *types.UID \`json:"id,omitempty" protobuf:"bytes,1,opt,name=id,casttype=T"\`
	// +optional
	// +default=ref(Meat)
	Food Food \`json:"food" protobuf:"bytes,2,opt,name=food"\`
}

type Animal struct {
	metav1.TypeMeta   \`json:",inline"\`
	metav1.ObjectMeta \`json:"metadata,omitempty" protobuf:"bytes,1,opt,name=metadata"\`

	Cage \`json:",inline" protobuf:"bytes,2,opt,name=home"\`

	// +listType=map
	// +listMapKey=text
	Rules []Rule \`json:"rules,omitempty" patchStrategy:"merge" patchMergeKey:"text" protobuf:"bytes,3,rep,name=rules"\`
	// +mapType=atomic
	Extra map[string]Foods \`json:"extra,omitzero" protobuf:"bytes,4,rep,name=extra"\`
	Raw   []byte           \`json:"raw" protobuf:"bytes,5,opt,name=Raw"\`
	inner string
}
`,
};
for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const food = { type: 'string', enum: ['Meat', 'Quiet'] };
const ANIMALS: TypeTable = {
  'io.k8s.api.zoo.v1.Animal': {
    gvk: 'zoo.k8s.io/v1/Animal',
    unions: [{ discriminator: 'kind' }],
    inline: [{ type: 'ref:io.k8s.api.zoo.v1.Cage', pb: 2, pbName: 'home' }],
    fields: {
      kind: { type: 'string', omitempty: true },
      apiVersion: { type: 'string', omitempty: true },
      metadata: { type: 'ref:io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', omitempty: true, pb: 1 },
      id: {
        type: 'string',
        ptr: true,
        omitempty: true,
        pb: 1,
        required: true,
        in: 'Cage',
        goType: 'types.UID',
      },
      food: { ...food, pb: 2, default: 'Meat', in: 'Cage', goType: 'v1.Food' },
      rules: {
        type: 'ref:io.k8s.api.zoo.v1.Rule',
        container: 'array',
        omitempty: true,
        pb: 3,
        patchStrategy: 'merge',
        patchMergeKey: 'text',
        listType: 'map',
        listMapKeys: ['text'],
      },
      extra: {
        ...food,
        container: 'map-of-array',
        omitzero: true,
        pb: 4,
        pbWrap: 'items',
        mapType: 'atomic',
        required: true,
        goType: 'map[string]v1.Foods',
      },
      raw: { type: 'bytes', pb: 5, pbName: 'Raw', required: true },
    },
    published: true,
  },
  'io.k8s.api.zoo.v1.Cage': {
    mapType: 'atomic',
    fields: {
      id: { type: 'string', ptr: true, omitempty: true, pb: 1, required: true, goType: 'types.UID' },
      food: { ...food, pb: 2, default: 'Meat', goType: 'v1.Food' },
    },
    published: true,
  },
  'io.k8s.api.zoo.v1.Rule': {
    aliasOf: 'io.k8s.api.core.v1.Rule',
    fields: { text: { type: 'string', pb: 1, required: true } },
  },
};

const imported = (own: TypeTable | undefined): TypeTable | undefined =>
  importTypes(
    openSources('v1.99.0', folder),
    (path) => (path.includes('/zoo/') ? own : undefined),
    new Report(),
  ).get('shared/apis/zoo/v1/types.json');

test('names, tags and markers of a served package', () => {
  expect(imported(undefined)).toEqual(ANIMALS);
});

test('removed types stay, unpublished; handwritten ones are unchanged', () => {
  const own: TypeTable = {
    'io.k8s.api.zoo.v1.Bird': { fields: {}, published: true },
    'io.k8s.api.zoo.v1.Cage': { special: 'json', published: true },
  };
  expect(imported(own)).toEqual({
    ...ANIMALS,
    'io.k8s.api.zoo.v1.Bird': { fields: {} },
    'io.k8s.api.zoo.v1.Cage': own['io.k8s.api.zoo.v1.Cage'],
  });
});

test('kept types include their current references', () => {
  const own = { 'io.k8s.api.core.v1.Box': { fields: {}, published: true as const } };
  const sources = openSources('v1.99.0', folder);
  const tables = importTypes(sources, (path) => (path.includes('/core/') ? own : undefined), new Report());
  const rule = ANIMALS['io.k8s.api.zoo.v1.Rule']!.fields;
  expect(tables.get('shared/apis/core/v1/types.json')).toEqual({
    'io.k8s.api.core.v1.Box': {
      fields: { rule: { type: 'ref:io.k8s.api.core.v1.Rule', pb: 1, required: true } },
    },
    'io.k8s.api.core.v1.Rule': { fields: rule },
  });
});

test('types that are published, but in no module, stay as they are and are reported', () => {
  const report = new Report();
  const table: TypeTable = {
    'io.k8s.api.zoo.v1.Bird': { fields: {}, published: true },
    'io.k8s.api.zoo.v1.Nest': { fields: {}, published: true },
  };
  expect(withoutModule(table, openSources('v1.99.0', folder), report)).toEqual({
    'io.k8s.api.zoo.v1.Bird': { fields: {} },
    'io.k8s.api.zoo.v1.Nest': table['io.k8s.api.zoo.v1.Nest'],
  });
  expect(report.format()).toBe('types: not in the modules\n  io.k8s.api.zoo.v1.Nest\n');
});

test('a version not served and without a table gets none', () => {
  const tables = importTypes(openSources('v1.99.0', folder), () => undefined, new Report());
  expect([...tables.keys()]).toEqual(['shared/apis/zoo/v1/types.json']);
});

test('missing internal types are reported, and others are imported', () => {
  const report = new Report();
  const forms = new InternalFormsImporter(new PackageReader(openSources('v1.99.0', folder))).import(report);
  expect(forms).toEqual({
    'core.EventSource': [
      ['Component', 'component', ''],
      ['Host', 'host', ''],
    ],
  });
  const told = report.format().split('\n');
  expect([
    told[0],
    told.includes('  lifecycle.ResponderStatus'),
    told.includes('  core.EventSource'),
  ]).toEqual(['internal forms: gone', true, false]);
});

test.each([
  ['before it was introduced', '1.36', { introduced: '1.37' }, { introduced: '1.37' }],
  ['after it was removed', '1.38', { introduced: '1.37' }, { introduced: '1.37', removed: '1.38' }],
  [
    'long after its removal',
    '1.38',
    { introduced: '1.30', removed: '1.34' },
    { introduced: '1.30', removed: '1.34' },
  ],
])('a resource missing in the release: one %s', (_, minor, lifecycle, expected) => {
  const cage = { kind: 'Cage', singular: 'cage', namespaced: false, verbs: ['get'] };
  const version = (marks: object) =>
    ({ stage: 'GA', default: true, resources: { cages: { ...cage, lifecycle: marks } } }) as const;
  const imported = importResources({}, {}, { 'zoo.k8s.io/v1': version(lifecycle) }, minor);
  expect(imported).toEqual({ 'zoo.k8s.io/v1': version(expected) });
});

test('descriptions missing from packages, or of another release there, are imported', () => {
  const animal = 'io.k8s.api.zoo.v1.Animal';
  const time = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
  const gone = 'io.k8s.api.zoo.v1.Bird';
  const packages = {
    [animal]: { description: 'An animal.', fields: { food: 'What it eats.\nOften.' } },
    [time]: { description: 'A time.', fields: {} },
  };
  const before = { [gone]: { description: 'It flies.' }, [time]: { description: 'An hour.' } };
  const sources = openSources('v1.99.0', folder);
  expect(importDescriptions(sources, [time, gone, animal], { packages, before })).toEqual({
    [animal]: { description: 'An animal, "wild" or not.', fields: { rules: 'Its rules.' } },
    [gone]: { description: 'It flies.' },
  });
});

test('columns that are not those of the release are told of', () => {
  const report = new Report();
  compareColumns(openSources('v1.99.0', folder), report);
  expect(report.format()).toBe('columns: differ\n  zoo Animal: Name, Food (1)\n');
});
