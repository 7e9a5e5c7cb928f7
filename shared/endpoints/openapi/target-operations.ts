/** The operations on a resource or subresource, independent of their paths. */

import type { GroupVersion, GroupVersionKind } from '../../runtime/group-version.ts';
import type { ResourceDiscovery, SubresourceDiscovery } from '../discovery/discovery-source.ts';
import type { ContentModel, HTTPMethod, OperationModel, ParameterModel } from './openapi-model.ts';
import { titleCase, withArticle } from './operation-names.ts';
import type { OptionParameters } from './option-parameters.ts';
import { CONNECTORS, RETURNS_DELETED_OBJECT, TEXT_SUBRESOURCES } from './resource-facts.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const STATUS: ContentModel = { definition: `${META}.Status` };
const PATCH: ContentModel = { definition: `${META}.Patch` };
const DELETE_OPTIONS: ContentModel = { definition: `${META}.DeleteOptions` };
const WATCH_EVENT: ContentModel = { definition: `${META}.WatchEvent` };

export interface TargetOptions {
  readonly parameters: OptionParameters;
  /** Media types of objects. */
  readonly mediaTypes: readonly string[];
  /** Media types of watches. */
  readonly streamMediaTypes: readonly string[];
  readonly patchTypes: readonly string[];
  /** The name of a kind's definition. */
  definitionOf(gvk: GroupVersionKind): string;
  /** Whether GET of a single object takes options; for custom resources it does. */
  readonly hasGetOptions: boolean;
}

export interface Target {
  readonly gv: GroupVersion;
  readonly resource: ResourceDiscovery;
  readonly subresource: SubresourceDiscovery | undefined;
  /** The kind of the objects read and written. */
  readonly gvk: GroupVersionKind;
}

/** The properties in which operations differ. */
interface OperationParts {
  /** Upstream's name without group and version: `readNamespacedPod`. */
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

/** Operations by method. The path completes their names. */
export type TargetMethods = Partial<
  Record<HTTPMethod, Omit<OperationModel, 'operationId' | 'tags'> & { operation: string }>
>;

export class TargetOperations {
  readonly #target: Target;
  readonly #options: TargetOptions;
  readonly #verbs: ReadonlySet<string>;
  readonly #object: ContentModel;
  /** The kind of the resource itself, even for a subresource. */
  readonly #kind: string;
  /** ` status of` for a subresource. */
  readonly #of: string;

  constructor(target: Target, options: TargetOptions) {
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

  #operation(parts: OperationParts): NonNullable<TargetMethods[HTTPMethod]> {
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

  /** Keeps the operations whose verb the resource supports. */
  #select(all: readonly (readonly [verb: string, HTTPMethod, () => OperationParts])[]): TargetMethods {
    return Object.fromEntries(
      all
        .filter(([verb]) => this.#verbs.has(verb))
        .map(([, method, parts]) => [method, this.#operation(parts())]),
    );
  }

  item(): TargetMethods {
    return this.#select([
      ['get', 'get', () => this.#read()],
      ['update', 'put', () => this.#replace()],
      ['patch', 'patch', () => this.#patch()],
      ['delete', 'delete', () => this.#delete()],
    ]);
  }

  collection(): TargetMethods {
    return this.#select([
      ['list', 'get', () => this.#list('')],
      ['create', 'post', () => this.#create()],
      ['deletecollection', 'delete', () => this.#deleteCollection()],
    ]);
  }

  allNamespaces(): TargetMethods {
    return this.#select([['list', 'get', () => this.#list('ForAllNamespaces')]]);
  }

  subresource(): TargetMethods {
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

  #watch(parts: Pick<OperationParts, 'operation' | 'description' | 'action'>): TargetMethods {
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

  watchItem(): TargetMethods {
    return this.#watch({
      operation: this.#name('watch'),
      description: `watch changes to an object of kind ${this.#kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
      action: 'watch',
    });
  }

  watchCollection(): TargetMethods {
    const isNamespaced = this.#target.resource.scope === 'Namespaced';
    return this.#watchList(`watch${isNamespaced ? 'Namespaced' : ''}${this.#kind}List`);
  }

  watchAllNamespaces(): TargetMethods {
    return this.#watchList(`watch${this.#kind}ListForAllNamespaces`);
  }

  #watchList(operation: string): TargetMethods {
    return this.#watch({
      operation,
      description: `watch individual changes to a list of ${this.#kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
      action: 'watchlist',
    });
  }

  #connector() {
    const { resource, subresource } = this.#target;
    return CONNECTORS.get(`${resource.resource}/${subresource?.subresource}`);
  }

  /** Operations of a connect subresource and of the paths below it. */
  connect(): { readonly direct: TargetMethods; readonly below: TargetMethods | undefined } | undefined {
    const connector = this.#connector();
    if (connector === undefined) return undefined;
    const make = (suffix: string): TargetMethods =>
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
