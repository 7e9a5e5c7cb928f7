/** The paths and operations of one group version's resources (upstream's `endpoints/installer.go`). */

import { formatGroupVersion, type GroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { ResourceDiscovery, SubresourceDiscovery } from '../discovery/discovery-source.ts';
import type { ContentModel, HTTPMethod, OperationModel, ParameterModel, PathModel } from './openapi-model.ts';
import { nameOperation, titleCase, withArticle } from './operation-names.ts';
import { type OptionParameters, sortParameters } from './option-parameters.ts';
import { CONNECTORS, RETURNS_DELETED_OBJECT, TEXT_SUBRESOURCES } from './resource-facts.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const STATUS: ContentModel = { definition: `${META}.Status` };
const PATCH: ContentModel = { definition: `${META}.Patch` };
const DELETE_OPTIONS: ContentModel = { definition: `${META}.DeleteOptions` };
const WATCH_EVENT: ContentModel = { definition: `${META}.WatchEvent` };

const NAMESPACE: ParameterModel = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
};
const PATH: ParameterModel = {
  name: 'path',
  in: 'path',
  type: 'string',
  description: 'path to the resource',
};

export interface ResourcePathsOptions {
  readonly parameters: OptionParameters;
  /** Media types that objects come in. */
  readonly mediaTypes: readonly string[];
  /** Media types that watches come in. */
  readonly streamMediaTypes: readonly string[];
  readonly patchTypes: readonly string[];
  /** The definition of a kind. */
  definitionOf(gvk: GroupVersionKind): string;
  /** Custom resources' single reads take options. */
  readonly hasGetOptions: boolean;
  /** Paths below `watch/`, deprecated. */
  readonly hasWatchPaths: boolean;
}

interface Target {
  readonly gv: GroupVersion;
  readonly resource: ResourceDiscovery;
  readonly subresource: SubresourceDiscovery | undefined;
  /** Of the objects read and written. */
  readonly gvk: GroupVersionKind;
}

/** What tells one operation from another. */
interface OperationParts {
  /** As upstream names it, without group and version: `readNamespacedPod`. */
  readonly operation: string;
  readonly description: string;
  readonly action: string;
  readonly options?: readonly ParameterModel[];
  readonly pretty?: boolean;
  readonly body?: OperationModel['body'];
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly responses: Readonly<Record<string, ContentModel>>;
}

export class ResourcePaths {
  readonly #options: ResourcePathsOptions;
  readonly #paths = new Map<string, PathModel>();

  constructor(options: ResourcePathsOptions) {
    this.#options = options;
  }

  paths(): ReadonlyMap<string, PathModel> {
    return this.#paths;
  }

  add(gv: GroupVersion, resource: ResourceDiscovery): void {
    this.#addTarget({ gv, resource, subresource: undefined, gvk: resource.responseKind });
    for (const subresource of resource.subresources ?? []) {
      this.#addTarget({
        gv,
        resource,
        subresource,
        gvk: subresource.responseKind ?? resource.responseKind,
      });
    }
  }

  #addTarget(target: Target): void {
    const { gv, resource, subresource, gvk } = target;
    const root = `${gv.group === '' ? '/api' : '/apis'}/${formatGroupVersion(gv)}`;
    const namespaced = resource.scope === 'Namespaced';
    const collection = `${namespaced ? 'namespaces/{namespace}/' : ''}${resource.resource}`;
    const suffix = subresource === undefined ? '' : `/${subresource.subresource}`;
    const item = `${collection}/{name}${suffix}`;
    const name: ParameterModel = {
      name: 'name',
      in: 'path',
      type: 'string',
      description: `name of the ${gvk.kind}`,
    };
    const inNamespace = namespaced ? [NAMESPACE] : [];
    const operations = new TargetOperations(target, this.#options);
    const set = (path: string, parameters: readonly ParameterModel[], model: Made): void =>
      this.#set(`${root}/${path}`, parameters, model);
    if (subresource !== undefined) {
      set(item, [...inNamespace, name], operations.subresource());
      const connect = operations.connect();
      if (connect !== undefined) {
        set(item, [...inNamespace, name], connect.direct);
        if (connect.below !== undefined) set(`${item}/{path}`, [...inNamespace, name, PATH], connect.below);
      }
      return;
    }
    set(item, [...inNamespace, name], operations.item());
    set(collection, inNamespace, operations.collection());
    if (namespaced) set(resource.resource, [], operations.allNamespaces());
    if (!this.#options.hasWatchPaths) return;
    set(`watch/${item}`, [...inNamespace, name], operations.watchItem());
    set(`watch/${collection}`, inNamespace, operations.watchCollection(namespaced));
    if (namespaced)
      set(`watch/${resource.resource}`, [], operations.watchCollection(false, 'ForAllNamespaces'));
  }

  #set(path: string, parameters: readonly ParameterModel[], made: Made): void {
    const model: PathModel = { ...this.#paths.get(path) };
    for (const [method, { operation, ...rest }] of Object.entries(made)) {
      const { operationId, tags } = nameOperation(operation, path);
      model[method as HTTPMethod] = {
        ...rest,
        operationId,
        tags,
        parameters: sortParameters([...parameters, ...rest.parameters]),
      };
    }
    if (Object.keys(model).length > 0) this.#paths.set(path, model);
  }
}

type Made = Partial<Record<HTTPMethod, Omit<OperationModel, 'operationId' | 'tags'> & { operation: string }>>;

/** The operations on one resource or subresource. */
class TargetOperations {
  readonly #target: Target;
  readonly #options: ResourcePathsOptions;
  readonly #verbs: ReadonlySet<string>;
  readonly #object: ContentModel;
  /** Kind of the resource itself, even for a subresource. */
  readonly #kind: string;
  /** ` status of` for a subresource. */
  readonly #of: string;

  constructor(target: Target, options: ResourcePathsOptions) {
    const { resource, subresource, gvk } = target;
    this.#target = target;
    this.#options = options;
    this.#verbs = new Set((subresource ?? resource).verbs);
    this.#object = { definition: options.definitionOf(gvk) };
    this.#kind = resource.responseKind.kind;
    this.#of = subresource === undefined ? '' : ` ${subresource.subresource} of`;
  }

  #name(verb: string, suffix = ''): string {
    const { resource, subresource } = this.#target;
    const namespaced = resource.scope === 'Namespaced' && suffix !== 'ForAllNamespaces' ? 'Namespaced' : '';
    return `${verb}${namespaced}${this.#kind}${titleCase(subresource?.subresource ?? '')}${suffix}`;
  }

  #operation(parts: OperationParts): NonNullable<Made[HTTPMethod]> {
    const { parameters } = this.#options;
    const { options = [], pretty = true, ...rest } = parts;
    return {
      consumes: ['*/*'],
      produces: this.#options.mediaTypes,
      ...rest,
      parameters: [...(pretty ? [parameters.pretty()] : []), ...options],
      gvk: this.#target.gvk,
    };
  }

  #metaOptions(name: string, ...without: string[]): ParameterModel[] {
    return this.#options.parameters
      .of(`${META}.${name}`)
      .filter((parameter) => !without.includes(parameter.name));
  }

  /** Keeps what the resource has verbs for. */
  #select(all: readonly (readonly [verb: string, HTTPMethod, () => OperationParts])[]): Made {
    return Object.fromEntries(
      all
        .filter(([verb]) => this.#verbs.has(verb))
        .map(([, method, parts]) => [method, this.#operation(parts())]),
    );
  }

  item(): Made {
    return this.#select([
      ['get', 'get', () => this.#read()],
      ['update', 'put', () => this.#replace()],
      ['patch', 'patch', () => this.#patch()],
      ['delete', 'delete', () => this.#delete()],
    ]);
  }

  collection(): Made {
    return this.#select([
      ['list', 'get', () => this.#list('')],
      ['create', 'post', () => this.#create()],
      ['deletecollection', 'delete', () => this.#deleteCollection()],
    ]);
  }

  allNamespaces(): Made {
    return this.#select([['list', 'get', () => this.#list('ForAllNamespaces')]]);
  }

  subresource(): Made {
    if (this.#connector() !== undefined) return {};
    return this.#select([
      ['get', 'get', () => this.#read()],
      ['update', 'put', () => this.#replace()],
      ['patch', 'patch', () => this.#patch()],
      ['create', 'post', () => this.#create()],
    ]);
  }

  #read(): OperationParts {
    const { resource, subresource } = this.#target;
    const text = TEXT_SUBRESOURCES.get(`${resource.resource}/${subresource?.subresource}`);
    const { parameters, mediaTypes, hasGetOptions } = this.#options;
    const specified = `${this.#of} the specified ${this.#kind}`;
    return {
      operation: this.#name('read'),
      description: `read${specified}`,
      action: 'get',
      options: text ? [...parameters.of(text.options)] : hasGetOptions ? this.#metaOptions('GetOptions') : [],
      produces: text ? ['text/plain', ...mediaTypes] : mediaTypes,
      responses: { 200: text ? 'string' : this.#object },
    };
  }

  #replace(): OperationParts {
    return {
      operation: this.#name('replace'),
      description: `replace${this.#of} the specified ${this.#kind}`,
      action: 'put',
      options: this.#metaOptions('UpdateOptions'),
      body: { content: this.#object, required: true },
      responses: { 200: this.#object, 201: this.#object },
    };
  }

  #patch(): OperationParts {
    return {
      operation: this.#name('patch'),
      description: `partially update${this.#of} the specified ${this.#kind}`,
      action: 'patch',
      options: this.#metaOptions('PatchOptions'),
      consumes: this.#options.patchTypes,
      body: { content: PATCH, required: true },
      responses: { 200: this.#object, 201: this.#object },
    };
  }

  #create(): OperationParts {
    return {
      operation: this.#name('create'),
      description: `create${this.#of}${withArticle(this.#kind)}`,
      action: 'post',
      options: this.#metaOptions('CreateOptions'),
      body: { content: this.#object, required: true },
      responses: { 200: this.#object, 201: this.#object, 202: this.#object },
    };
  }

  #delete(): OperationParts {
    const { gv, resource } = this.#target;
    const returnsObject = RETURNS_DELETED_OBJECT.has(`${resource.resource}.${gv.group}`);
    const answer = returnsObject ? this.#object : STATUS;
    return {
      operation: this.#name('delete'),
      description: `delete${withArticle(this.#kind)}`,
      action: 'delete',
      options: this.#metaOptions('DeleteOptions'),
      body: { content: DELETE_OPTIONS, required: false },
      responses: { 200: answer, 202: answer },
    };
  }

  #deleteCollection(): OperationParts {
    return {
      operation: this.#name('deletecollection'),
      description: `delete collection of ${this.#kind}`,
      action: 'deletecollection',
      options: [
        ...this.#metaOptions('DeleteOptions'),
        ...this.#metaOptions('ListOptions', 'watch', 'allowWatchBookmarks'),
      ],
      body: { content: DELETE_OPTIONS, required: false },
      responses: { 200: STATUS },
    };
  }

  #listContent(): ContentModel {
    const { gvk } = this.#target;
    return { definition: this.#options.definitionOf({ ...gvk, kind: `${gvk.kind}List` }) };
  }

  #list(suffix: string): OperationParts {
    const watches = this.#verbs.has('watch') ? 'list or watch' : 'list';
    const { mediaTypes, streamMediaTypes } = this.#options;
    return {
      operation: this.#name('list', suffix),
      description: `${watches} objects of kind ${this.#kind}`,
      action: 'list',
      options: this.#metaOptions('ListOptions'),
      produces: [...mediaTypes, ...streamMediaTypes],
      responses: { 200: this.#listContent() },
    };
  }

  #watch(parts: Pick<OperationParts, 'operation' | 'description' | 'action'>): Made {
    if (!this.#verbs.has('watch')) return {};
    const { mediaTypes, streamMediaTypes } = this.#options;
    return {
      get: this.#operation({
        ...parts,
        options: this.#metaOptions('ListOptions'),
        produces: [...mediaTypes, ...streamMediaTypes],
        responses: { 200: WATCH_EVENT },
      }),
    };
  }

  watchItem(): Made {
    return this.#watch({
      operation: this.#name('watch'),
      description: `watch changes to an object of kind ${this.#kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
      action: 'watch',
    });
  }

  watchCollection(namespaced: boolean, suffix = ''): Made {
    return this.#watch({
      operation: `watch${namespaced ? 'Namespaced' : ''}${this.#kind}List${suffix}`,
      description: `watch individual changes to a list of ${this.#kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
      action: 'watchlist',
    });
  }

  #connector() {
    const { resource, subresource } = this.#target;
    return CONNECTORS.get(`${resource.resource}/${subresource?.subresource}`);
  }

  /** Subresources that answer for themselves, and what is below them. */
  connect(): { readonly direct: Made; readonly below: Made | undefined } | undefined {
    const connector = this.#connector();
    if (connector === undefined) return undefined;
    const make = (suffix: string): Made =>
      Object.fromEntries(
        connector.methods.map((method) => [
          method,
          this.#operation({
            operation: this.#name(`connect${titleCase(method)}`, suffix),
            description: `connect ${method.toUpperCase()} requests to${this.#of} ${this.#kind}`,
            action: 'connect',
            pretty: false,
            options: [...this.#options.parameters.of(connector.options)],
            produces: ['*/*'],
            responses: { 200: 'string' },
          }),
        ]),
      );
    return { direct: make(''), below: connector.hasPaths ? make('WithPath') : undefined };
  }
}
