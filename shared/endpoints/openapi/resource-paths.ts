/** The paths and operations of one group version's resources (upstream's `endpoints/installer.go`). */

import { formatGroupVersion, type GroupVersion } from '../../runtime/group-version.ts';
import type { ResourceDiscovery } from '../discovery/discovery-source.ts';
import type { HTTPMethod, ParameterModel, PathModel } from './openapi-model.ts';
import { nameOperation } from './operation-names.ts';
import { sortParameters } from './option-parameters.ts';
import {
  type Target,
  type TargetMethods,
  TargetOperations,
  type TargetOptions,
} from './target-operations.ts';

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

export interface ResourcePathsOptions extends TargetOptions {
  /** Whether there are deprecated paths below `watch/`. */
  readonly hasWatchPaths: boolean;
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
    const set = (path: string, parameters: readonly ParameterModel[], model: TargetMethods): void =>
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
    set(`watch/${collection}`, inNamespace, operations.watchCollection());
    if (namespaced) set(`watch/${resource.resource}`, [], operations.watchAllNamespaces());
  }

  #set(path: string, parameters: readonly ParameterModel[], made: TargetMethods): void {
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
