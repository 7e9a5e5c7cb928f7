/** A definition compiled for serving its resources (upstream's `crdInfo`, pkg/apiserver/customresource_handler.go). */

import type { EquivalentResource } from '../../admission/admission.ts';
import { type Definition, storageVersionOf, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionNames } from '../../apis/apiextensions/v1/types.ts';
import type { ScopeDependencies } from '../../endpoints/routing/api-groups.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import type { RESTStorageConfig } from '../../registry/generic/rest-storage-provider.ts';
import type { WebhookClient } from '../../rest/webhook-client.ts';
import {
  formatGroupVersion,
  type GroupResource,
  type GroupVersionKind,
  type GroupVersionResource,
} from '../../runtime/group-version.ts';
import type { Storage } from '../../storage/storage.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { ownCopy } from '../../util/own-text.ts';
import { type CustomResourceConverter, nopConverter } from '../conversion/converter.ts';
import { WebhookConverter } from '../conversion/webhook-converter.ts';
import type { SchemaTools, SchemaToolsLoader } from '../definition/schema-tools.ts';
import { SCALE } from '../registry/customresource/custom-resource-scale.ts';
import { openCustomResources } from '../registry/customresource/open-custom-resources.ts';
import type { DefinitionLifetime } from './definition-lifetime.ts';
import type { ResourceForm } from './resource-form.ts';
import { type ServedSchemas, servedSchemas } from './served-schemas.ts';
import { ServedVersion } from './served-version.ts';
import { writtenWhole } from './written-whole.ts';

export interface ServingDependencies {
  readonly scope: ScopeDependencies;
  readonly storage: RESTStorageConfig;
  readonly tools: SchemaToolsLoader;
  readonly webhooks: WebhookClient;
}

function withoutNotes({ annotations: _, managedFields: __, ...metadata }: Definition['metadata']) {
  return metadata;
}

export class CompiledDefinition {
  readonly definition: Definition;
  readonly dependencies: ServingDependencies;
  readonly lifetime: DefinitionLifetime;
  readonly tools: SchemaTools;
  readonly schemas: ServedSchemas;
  readonly converter: CustomResourceConverter;
  /** The stored objects, in any version. */
  readonly storage: Storage<UnstructuredObject>;
  readonly #versions = new Map<string, ServedVersion | Promise<ServedVersion>>();

  /** Loads the tools for its schemas. Throws Error for a definition that validation would have rejected. */
  static async compile(
    definition: Definition,
    dependencies: ServingDependencies,
    lifetime: DefinitionLifetime,
  ): Promise<CompiledDefinition> {
    const tools = await dependencies.tools.loadFor(definition.spec);
    await breathe();
    const schemas = await inPieces(servedSchemas(definition, dependencies.scope.scheme, tools));
    return new CompiledDefinition(definition, schemas, { dependencies, lifetime, tools });
  }

  private constructor(
    definition: Definition,
    schemas: ServedSchemas,
    { dependencies, lifetime, tools }: Pick<CompiledDefinition, 'dependencies' | 'lifetime' | 'tools'>,
  ) {
    const { metadata, spec, status } = definition;
    // Large parts are shared or omitted.
    const own = ownCopy({
      ...definition,
      metadata: withoutNotes(metadata),
      spec: { ...spec, versions: [] },
      status: { ...status, conditions: [] },
    });
    this.definition = { ...own, spec: { ...own.spec, versions: [...schemas.versions] } };
    this.schemas = schemas;
    this.dependencies = dependencies;
    this.lifetime = lifetime;
    this.tools = tools;
    const { conversion } = definition.spec;
    const { storage, webhooks } = dependencies;
    this.converter =
      conversion?.strategy === 'Webhook' ? new WebhookConverter(webhooks, conversion) : nopConverter;
    this.storage = openCustomResources(this.groupResource, storage);
  }

  get form(): ResourceForm {
    return this.schemas.form;
  }

  get names(): CustomResourceDefinitionNames {
    return this.definition.status.acceptedNames;
  }

  get namespaced(): boolean {
    return this.definition.spec.scope === 'Namespaced';
  }

  get groupResource(): GroupResource {
    return { group: this.definition.spec.group, resource: this.names.plural };
  }

  /**
   * Whether stored objects are equal to what reads in the storage version return: its schema has never changed,
   * defaulting adds nothing, and writes through other versions have the same result as through this one.
   */
  get settled(): boolean {
    if (Number(this.definition.metadata.generation) !== 1) return false;
    const versions = versionsOf(this.definition.spec);
    const version = versions.find(({ name }) => name === this.storageVersion);
    // Equal schemas are the same object: see `servedSchemas`.
    const schema = version?.schema?.openAPIV3Schema;
    const others = versions.filter((other) => other !== version && other.served);
    if (others.length > 0 && this.converter.remote) return false;
    if (others.some((other) => other.schema?.openAPIV3Schema !== schema)) return false;
    const apiVersion = formatGroupVersion(this.kind(this.storageVersion));
    return writtenWhole(this.form, apiVersion, this.names.kind, version?.subresources);
  }

  get storageVersion(): string {
    return storageVersionOf(this.definition.spec)!;
  }

  resource(version: string): GroupVersionResource {
    return { group: this.definition.spec.group, version, resource: this.names.plural };
  }

  kind(version: string): GroupVersionKind {
    return { group: this.definition.spec.group, version, kind: this.names.kind };
  }

  /** A version, compiled on first use; undefined if there is none. */
  version(name: string): ServedVersion | Promise<ServedVersion> | undefined {
    const known = this.#versions.get(name);
    if (known !== undefined) return known;
    const version = versionsOf(this.definition.spec).find((version) => version.name === name);
    if (version === undefined) return undefined;
    const served = inPieces(ServedVersion.compile(this, version));
    this.#versions.set(name, served);
    if (served instanceof Promise) {
      served.then(
        (compiled) => this.#versions.set(name, compiled),
        () => this.#versions.delete(name),
      );
    }
    return served;
  }

  /** The resource in all versions that serve it. */
  equivalents(subresource: string): readonly EquivalentResource[] {
    return versionsOf(this.definition.spec)
      .filter(({ subresources }) => {
        if (subresource === 'status') return Boolean(subresources?.status);
        return subresource === '' || Boolean(subresources?.scale);
      })
      .map(({ name }) => ({
        resource: this.resource(name),
        kind: subresource === 'scale' ? SCALE : this.kind(name),
      }));
  }
}
