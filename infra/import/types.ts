/**
 * The tables of API types, out of the Go packages that declare them: names, tags, markers of doc comments
 * (https://github.com/kubernetes/api; markers as
 * https://github.com/kubernetes/kube-openapi/blob/master/pkg/generators/openapi.go reads them).
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TableField, TableType } from '../../shared/runtime/type-tables.ts';
import { type GoField, type GoPackage, type GoType, markers, readGoPackage } from './go-types.ts';
import type { Sources } from './modules.ts';

export type TypeTable = Readonly<Record<string, TableType>>;

/** Modules that declare types, with the folder of their groups and the beginning of their definitions' names. */
const MODULES = [
  { module: 'api', folder: '', prefix: 'io.k8s.api' },
  {
    module: 'apiextensions-apiserver',
    folder: 'pkg/apis',
    prefix: 'io.k8s.apiextensions-apiserver.pkg.apis',
  },
  { module: 'kube-aggregator', folder: 'pkg/apis', prefix: 'io.k8s.kube-aggregator.pkg.apis' },
] as const;

/** Those, and what they refer to. */
const READ: ReadonlySet<string> = new Set(['apimachinery', ...MODULES.map(({ module }) => module)]);

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'int32',
  int64: 'int64',
  int: 'int64',
  float64: 'double',
  '[]byte': 'bytes',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'int-or-string',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'micro-time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'fieldsV1',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'raw',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON': 'json',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1.JSON': 'json',
};

/** `k8s.io/api/core/v1` -> `io.k8s.api.core.v1`. */
function definitionsOf(path: string): string {
  return `io.k8s.${path.replace(/^k8s\.io\//, '').replaceAll('/', '.')}`;
}

interface Shape {
  readonly type: string;
  readonly container?: TableField['container'];
  readonly ptr?: true;
  readonly enum?: readonly string[];
  readonly pbWrap?: string;
}

class PackageReader {
  readonly #sources: Sources;
  readonly #packages = new Map<string, GoPackage | undefined>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The package of a path such as `k8s.io/api/core/v1`; undefined where it is of another project. */
  package(path: string): GoPackage | undefined {
    if (!this.#packages.has(path)) this.#packages.set(path, this.#read(path));
    return this.#packages.get(path);
  }

  #read(path: string): GoPackage | undefined {
    const [, module, rest] = /^k8s\.io\/([\w-]+)\/(.*)$/.exec(path) ?? [];
    if (module === undefined || !READ.has(module)) return undefined;
    const folder = join(this.#sources.folder(module), rest!);
    if (!existsSync(folder)) return undefined;
    const files = readdirSync(folder).filter(
      (file) => file.endsWith('.go') && !/^(?:zz_)?generated|zz_|_test\.go$|swagger_doc/.test(file),
    );
    return readGoPackage(files.sort().map((file) => readFileSync(join(folder, file), 'utf8')));
  }

  /** Splits `corev1.Pod` in its package's path and its name. */
  locate(name: string, path: string): { readonly path: string; readonly name: string } {
    const [alias, type] = name.split('.');
    if (type === undefined) return { path, name };
    return { path: this.package(path)?.imports.get(alias!) ?? alias!, name: type };
  }

  /** The struct that a name stands for, whatever it is called. */
  struct(
    text: string,
    from: string,
  ):
    | { readonly type: GoType & { kind: 'struct' }; readonly path: string; readonly name: string }
    | undefined {
    const at = this.locate(text, from);
    const type = this.declared(at.name, at.path);
    if (type?.kind === 'struct') return { type, ...at };
    return type === undefined || !/^[\w.]+$/.test(type.of) ? undefined : this.struct(type.of, at.path);
  }

  declared(name: string, path: string): GoType | undefined {
    return this.package(path)?.types.get(name);
  }

  /** Values of a type with the marker `+enum`. */
  values(name: string, path: string): readonly string[] | undefined {
    const type = this.declared(name, path);
    if (type === undefined || markers(type.comment, 'enum').length === 0) return undefined;
    const constants = [...this.package(path)!.constants.values()].filter((one) => one.type === name);
    return [...new Set(constants.map(({ value }) => this.#text(value, path)))].sort();
  }

  shape(text: string, path: string): Shape {
    if (text.startsWith('*')) return { ...this.shape(text.slice(1), path), ptr: true };
    if (SCALARS[text] !== undefined) return { type: SCALARS[text] };
    const map = /^map\[[\w.]+\](.*)$/.exec(text);
    if (map !== null) return this.#container('map', map[1]!, path);
    if (text.startsWith('[]')) return this.#container('array', text.slice(2), path);
    return this.#named(text, path);
  }

  #container(container: 'map' | 'array', element: string, path: string): Shape {
    const { ptr, ...inner } = this.shape(element, path);
    if (inner.container === 'array' && container === 'map') {
      return { ...inner, container: 'map-of-array', pbWrap: 'items' };
    }
    if (inner.container !== undefined) throw new Error(`${container} of ${element}`);
    return { ...inner, container };
  }

  #named(text: string, from: string): Shape {
    const { path, name } = this.resolve(text, from);
    const scalar = SCALARS[`${path}.${name}`];
    if (scalar !== undefined) return { type: scalar };
    const declared = this.declared(name, path);
    if (path === 'k8s.io/apimachinery/pkg/types') return { type: 'string' };
    if (declared?.kind !== 'named' || this.struct(name, path) !== undefined) {
      const own = this.locate(text, from);
      return { type: `ref:${definitionsOf(own.path)}.${own.name}` };
    }
    const shape = this.shape(declared.of, path);
    const values = this.values(name, path);
    return { ...shape, ...(values && { enum: values }) };
  }

  /** Where a name is declared, aliases followed. */
  resolve(text: string, from: string): { readonly path: string; readonly name: string } {
    const at = this.locate(text, from);
    const declared = this.declared(at.name, at.path);
    return declared?.kind === 'alias' ? this.resolve(declared.of, at.path) : at;
  }

  /** A type as Go's messages write it: `[]v1.Capability`; `plain`: as its shape alone tells. */
  #goName(text: string, path: string, plain: boolean): string {
    if (text.startsWith('*')) return this.#goName(text.slice(1), path, plain);
    if (text.startsWith('[]')) return `[]${this.#goName(text.slice(2), path, plain)}`;
    const map = /^map\[([\w.]+)\](.*)$/.exec(text);
    if (map !== null) {
      const key = plain ? 'string' : this.#goName(map[1]!, path, false);
      return `map[${key}]${this.#goName(map[2]!, path, plain)}`;
    }
    if (SCALARS[text] !== undefined) return text;
    const own = this.locate(text, path);
    const at = plain ? own : this.resolve(text, path);
    const declared = this.declared(at.name, at.path);
    const isStruct = this.struct(at.name, at.path) !== undefined;
    if (plain && declared?.kind === 'named' && !isStruct) return this.#goName(declared.of, at.path, true);
    if (plain && at.path === 'k8s.io/apimachinery/pkg/types') return 'string';
    return `${at.path.split('/').at(-1)}.${at.name}`;
  }

  /** A field of a struct as the table has it. */
  field(field: GoField, path: string): TableField {
    const { comment, tags } = field;
    const shape = this.shape(field.type, path);
    const [name, ...flags] = (tags['json'] ?? '').split(',');
    const omitempty = flags.includes('omitempty');
    const protobuf = (tags['protobuf'] ?? '').split(',');
    const pbName = protobuf.find((part) => part.startsWith('name='))?.slice('name='.length);
    const [listType] = markers(comment, 'listType');
    const keys = markers(comment, 'listMapKey');
    const mapType = markers(comment, 'mapType')[0] ?? markers(comment, 'structType')[0];
    const [fallback] = markers(comment, 'default');
    const isOptional = omitempty || markers(comment, 'optional').length > 0;
    const isRequired = !isOptional || markers(comment, 'required').length > 0;
    const goType = this.#goName(field.type, path, false);
    return {
      type: shape.type,
      ...(shape.ptr && { ptr: true }),
      ...(shape.container && { container: shape.container }),
      ...(omitempty && { omitempty: true }),
      ...(flags.includes('omitzero') && { omitzero: true }),
      ...(protobuf.length > 1 && { pb: Number(protobuf[1]) }),
      ...(pbName !== undefined && pbName !== name && { pbName }),
      ...(shape.pbWrap && { pbWrap: shape.pbWrap }),
      ...(tags['patchStrategy'] && { patchStrategy: tags['patchStrategy'] }),
      ...(tags['patchMergeKey'] && { patchMergeKey: tags['patchMergeKey'] }),
      ...(listType && { listType: listType as 'atomic' }),
      ...(keys.length > 0 && { listMapKeys: keys }),
      ...(mapType && { mapType: mapType as 'atomic' }),
      ...(shape.enum && { enum: shape.enum }),
      ...(isRequired && { required: true }),
      ...(fallback !== undefined && { default: this.#default(fallback, path) }),
      ...(goType !== this.#goName(field.type, path, true) && { goType }),
    };
  }

  /** What a marker `+default` says: JSON, or `ref(Constant)`. */
  #default(text: string, path: string): unknown {
    const name = /^ref\((?:.*\.)?(\w+)\)$/.exec(text)?.[1];
    return name === undefined ? (JSON.parse(text) as unknown) : this.#text(name, path);
  }

  /** The text of a constant, by its name or as a literal. */
  #text(name: string, from: string): string {
    if (name.startsWith('"')) return JSON.parse(name) as string;
    const at = this.locate(name, from);
    const constant = this.package(at.path)?.constants.get(at.name);
    if (constant === undefined) throw new Error(`no constant ${name} in ${from}`);
    return this.#text(constant.value, at.path);
  }
}

const TYPE_META = ['kind', 'apiVersion'].map((name): [string, TableField] => [
  name,
  { type: 'string', omitempty: true },
]);

/** The table of one struct. */
function structOf(
  reader: PackageReader,
  type: GoType & { kind: 'struct' },
  path: string,
): Partial<TableType> {
  const fields = new Map<string, TableField>();
  const inline: { type: string; pb?: number; pbName?: string }[] = [];
  for (const field of type.fields) {
    const [name = ''] = (field.tags['json'] ?? '').split(',');
    if (name === '-') continue;
    if (name !== '') {
      fields.set(name, reader.field(field, path));
      continue;
    }
    const at = reader.resolve(field.type, path);
    if (at.name === 'TypeMeta') {
      for (const [key, value] of TYPE_META) fields.set(key, value);
      continue;
    }
    const embedded = reader.declared(at.name, at.path);
    if (embedded?.kind !== 'struct') continue;
    const { type: ref, pb, pbName } = reader.field(field, path);
    const named = pbName ?? at.name.charAt(0).toLowerCase() + at.name.slice(1);
    inline.push({ type: ref, ...(pb !== undefined && { pb, pbName: named }) });
    for (const [key, value] of Object.entries(structOf(reader, embedded, at.path).fields ?? {})) {
      const { goType, ...rest } = value;
      fields.set(key, { ...rest, in: at.name, ...(goType && { goType }) });
    }
  }
  const mapType = [...markers(type.comment, 'structType'), ...markers(type.comment, 'mapType')][0];
  return {
    ...(inline.length > 0 && { inline }),
    ...(mapType === 'atomic' && { mapType }),
    fields: Object.fromEntries(fields),
  };
}

/** Of a published definition, what the sources of its type don't say in one place. */
interface Published {
  readonly 'x-kubernetes-unions'?: readonly unknown[];
}

function tableOf(
  reader: PackageReader,
  path: string,
  published: Readonly<Record<string, Published>>,
): TypeTable {
  const { types, constants } = reader.package(path)!;
  const prefix = definitionsOf(path);
  const group = JSON.parse(constants.get('GroupName')?.value ?? '""') as string;
  const version = path.split('/').at(-1)!;
  const entries = [...types].flatMap(([name, type]): [string, TableType][] => {
    const definition = `${prefix}.${name}`;
    const document = Object.hasOwn(published, definition) ? published[definition] : undefined;
    const shown = document === undefined ? {} : { published: true };
    const struct = reader.struct(name, path);
    if (struct === undefined) return [];
    const alias = type.kind === 'struct' ? {} : { aliasOf: `${definitionsOf(struct.path)}.${struct.name}` };
    const { inline, mapType, fields } = structOf(reader, struct.type, struct.path);
    const isKind = struct.type.fields.some((field) => field.name === '' && /\bTypeMeta$/.test(field.type));
    const gvk = `${group === '' ? '' : `${group}/`}${version}/${name}`;
    const table: TableType = {
      ...(isKind && { gvk }),
      ...alias,
      ...(document?.['x-kubernetes-unions'] && { unions: document['x-kubernetes-unions'] }),
      ...(inline && { inline }),
      ...(mapType && { mapType }),
      fields: fields!,
      ...shown,
    };
    return [[definition, table]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Tables by where they belong, such as `shared/apis/core/v1/types.json`: of versions that the release serves or `own` has. */
export function importTypes(
  sources: Sources,
  own: (path: string) => TypeTable | undefined,
): ReadonlyMap<string, TypeTable> {
  const text = sources.text('kubernetes', 'api/openapi-spec/swagger.json');
  if (text === undefined) throw new Error(`${sources.release} has no api/openapi-spec/swagger.json`);
  const { definitions } = JSON.parse(text) as { definitions: Readonly<Record<string, Published>> };
  const reader = new PackageReader(sources);
  const tables = new Map<string, TypeTable>();
  for (const { module, folder } of MODULES) {
    const groups = join(sources.folder(module), folder);
    for (const file of readdirSync(groups, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/^[\w-]+\/v\d\w*\/types\.go$/.test(file)) continue;
      const version = dirname(file);
      const path = ['k8s.io', module, folder, version].filter((part) => part !== '').join('/');
      const home = `shared/apis/${version}/types.json`;
      const table = merge(own(home), tableOf(reader, path, definitions));
      if (table !== undefined) tables.set(home, table);
    }
  }
  return tables;
}

/**
 * What a release declares over what the table has: types of before stay for stored objects and old clients, those that
 * only a person can write stay as they are.
 */
function merge(own: TypeTable | undefined, upstream: TypeTable): TypeTable | undefined {
  const isServed = Object.values(upstream).some(({ published }) => published);
  if (own === undefined) return isServed ? upstream : undefined;
  const merged = Object.entries(own).map(([name, type]): [string, TableType] => {
    const { published: _, ...before } = type;
    const now = upstream[name];
    if (now === undefined) return [name, before];
    if (type.special !== undefined || type.custom) return [name, type];
    // Unions are read from the published document.
    return [name, now.published || type.unions === undefined ? now : { unions: type.unions, ...now }];
  });
  const added = Object.entries(upstream).filter(([name]) => isServed && !Object.hasOwn(own, name));
  return Object.fromEntries([...merged, ...added].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The text of a `types.json`: a type a line. */
export function formatTypes(table: TypeTable): string {
  const lines = Object.entries(table).map(
    ([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(type)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}
