/** Reads the Go packages of a release that declare API types, on demand. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableField } from '../../shared/runtime/type-tables.ts';
import { type GoField, type GoPackage, type GoType, markers, readGoPackage } from './go-types.ts';
import type { Sources } from './modules.ts';

/** Modules that declare types, with the folder of their groups and the prefix of their definitions' names. */
export const MODULES = [
  { module: 'api', folder: '', prefix: 'io.k8s.api' },
  {
    module: 'apiextensions-apiserver',
    folder: 'pkg/apis',
    prefix: 'io.k8s.apiextensions-apiserver.pkg.apis',
  },
  { module: 'kube-aggregator', folder: 'pkg/apis', prefix: 'io.k8s.kube-aggregator.pkg.apis' },
] as const;

/** Those modules, and the ones they refer to. */
const READ: ReadonlySet<string> = new Set([
  'apimachinery',
  'kubernetes',
  ...MODULES.map(({ module }) => module),
]);

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
export function definitionsOf(path: string): string {
  return `io.k8s.${path.replace(/^k8s\.io\//, '').replaceAll('/', '.')}`;
}

interface Shape {
  readonly type: string;
  readonly container?: TableField['container'];
  readonly ptr?: true;
  readonly enum?: readonly string[];
  readonly pbWrap?: string;
}

export class PackageReader {
  readonly #sources: Sources;
  readonly #packages = new Map<string, GoPackage | undefined>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The package with a path such as `k8s.io/api/core/v1`; undefined for packages of other projects. */
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

  /** Splits `corev1.Pod` into its package's path and its name. */
  locate(name: string, path: string): { readonly path: string; readonly name: string } {
    const [alias, type] = name.split('.');
    if (type === undefined) return { path, name };
    return { path: this.package(path)?.imports.get(alias!) ?? alias!, name: type };
  }

  /** The struct that a name stands for, with aliases resolved. */
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

  /** Values of a type with a marker such as `+enum`. */
  #values(name: string, path: string, marker: string): readonly string[] | undefined {
    const type = this.declared(name, path);
    return type !== undefined && markers(type.comment, marker).length > 0
      ? this.valuesOf(name, path)
      : undefined;
  }

  /** The constants of a type, sorted. */
  valuesOf(name: string, path: string): readonly string[] {
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
    const values = this.#values(name, path, 'enum');
    return { ...shape, ...(values && { enum: values }) };
  }

  /** The declaration of a name, with aliases resolved. */
  resolve(text: string, from: string): { readonly path: string; readonly name: string } {
    const at = this.locate(text, from);
    const declared = this.declared(at.name, at.path);
    return declared?.kind === 'alias' ? this.resolve(declared.of, at.path) : at;
  }

  /** A type in the form of Go's messages: `[]v1.Capability`; `plain`: the underlying type. */
  #goName(text: string, path: string, form: 'declared' | 'plain'): string {
    const plain = form === 'plain';
    if (text.startsWith('*')) return this.#goName(text.slice(1), path, form);
    if (text.startsWith('[]')) return `[]${this.#goName(text.slice(2), path, form)}`;
    const map = /^map\[([\w.]+)\](.*)$/.exec(text);
    if (map !== null) {
      const key = plain ? 'string' : this.#goName(map[1]!, path, 'declared');
      return `map[${key}]${this.#goName(map[2]!, path, form)}`;
    }
    if (SCALARS[text] !== undefined) return text;
    const own = this.locate(text, path);
    const at = plain ? own : this.resolve(text, path);
    const declared = this.declared(at.name, at.path);
    const isStruct = this.struct(at.name, at.path) !== undefined;
    if (plain && declared?.kind === 'named' && !isStruct) return this.#goName(declared.of, at.path, form);
    if (plain && at.path === 'k8s.io/apimachinery/pkg/types') return 'string';
    return `${at.path.split('/').at(-1)}.${at.name}`;
  }

  /** A struct's field in the form of the table. */
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
    const goType = this.#goName(field.type, path, 'declared');
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
      ...(goType !== this.#goName(field.type, path, 'plain') && { goType }),
    };
  }

  /** The value of a marker `+default`: JSON, or `ref(Constant)`. */
  #default(text: string, path: string): unknown {
    const name = /^ref\((?:.*\.)?(\w+)\)$/.exec(text)?.[1];
    return name === undefined ? (JSON.parse(text) as unknown) : this.#text(name, path);
  }

  /** The string value of a constant, by name or as a literal. */
  #text(name: string, from: string): string {
    if (name.startsWith('"')) return JSON.parse(name) as string;
    const at = this.locate(name, from);
    const constant = this.package(at.path)?.constants.get(at.name);
    if (constant === undefined) throw new Error(`no constant ${name} in ${from}`);
    return this.#text(constant.value, at.path);
  }
}
