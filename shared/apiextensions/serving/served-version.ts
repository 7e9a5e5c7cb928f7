/** One version of a definition, compiled for requests. */

import type { AdmissionChain } from '../../admission/admission.ts';
import { schemeObjectInterfaces } from '../../admission/object-interfaces.ts';
import { versionsOf } from '../../apis/apiextensions/definition.ts';
import type {
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  JSONSchemaProps,
} from '../../apis/apiextensions/v1/types.ts';
import { SchemeConvertor } from '../../endpoints/codec/object-convertor.ts';
import { APPLY_PATCH } from '../../endpoints/handlers/patch.ts';
import type { InstalledResource } from '../../endpoints/handlers/serve-resource.ts';
import type { RequestScope } from '../../endpoints/resource/request-scope.ts';
import { schemeFieldManager } from '../../endpoints/resource/scheme-field-manager.ts';
import type { UnstructuredObject } from '../../meta/kube-object.ts';
import type { FieldManager } from '../../meta/managedfields/field-manager.ts';
import type { ReplicasPaths } from '../../meta/managedfields/scale-managers.ts';
import { newForbidden } from '../../meta/status-error.ts';
import { StrategyStore } from '../../registry/generic/strategy-store.ts';
import type { RESTStorage } from '../../rest/rest-storage.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { Pieces } from '../../util/breathe.ts';
import { nopConverter } from '../conversion/converter.ts';
import { customResourceCodec } from '../registry/customresource/custom-resource-codec.ts';
import { CustomResourceScale, SCALE } from '../registry/customresource/custom-resource-scale.ts';
import { CustomResourceStore } from '../registry/customresource/custom-resource-store.ts';
import { CustomResourceValidator } from '../registry/customresource/custom-resource-validator.ts';
import { namesOf } from '../registry/customresource/scale-paths.ts';
import { CustomResourceFields } from '../registry/customresource/selectable-fields.ts';
import {
  type CustomResourceStrategyOptions,
  customResourceStatusStrategy,
  customResourceStrategy,
} from '../registry/customresource/strategy.ts';
import { AGE, customResourceTableConvertor } from '../registry/customresource/table-convertor.ts';
import { VersionedStorage } from '../registry/customresource/versioned-storage.ts';
import { propertyOf } from '../schema/json-schema-props.ts';
import { SchemaValidator } from '../validation/schema-validator.ts';
import type { CompiledDefinition } from './compiled-definition.ts';
import { CustomResourceConvertor, customResourceInterfaces } from './custom-resource-convertor.ts';
import { customResourceFieldManager } from './custom-resource-field-manager.ts';
import { deprecationOf } from './deprecation.ts';

const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json'];

/** A subresource, or '' for the resource. */
interface Part {
  readonly subresource: string;
  readonly storage: RESTStorage;
  readonly scope: RequestScope;
}

export class ServedVersion {
  readonly store: CustomResourceStore;
  readonly #definition: CompiledDefinition;
  readonly #version: CustomResourceDefinitionVersion;
  readonly #kind: GroupVersionKind;
  readonly #fields: CustomResourceFields;
  readonly #strategy: CustomResourceStrategyOptions;
  readonly deprecation: string | undefined;
  readonly #parts = new Map<string, Part>();

  static *compile(
    definition: CompiledDefinition,
    version: CustomResourceDefinitionVersion,
  ): Pieces<ServedVersion> {
    return new ServedVersion(definition, version, yield* compileValidator(definition, version));
  }

  private constructor(
    definition: CompiledDefinition,
    version: CustomResourceDefinitionVersion,
    validator: CustomResourceValidator,
  ) {
    this.#definition = definition;
    this.#version = version;
    this.#kind = definition.kind(version.name);
    const { namespaced, form } = definition;
    this.#fields = this.#shared(
      `fields ${namespaced}`,
      () => new CustomResourceFields(version.selectableFields ?? [], namespaced),
    );
    this.#strategy = {
      kind: this.#kind,
      namespaced,
      hasStatus: Boolean(version.subresources?.status),
      validator,
      prune: (object) => form.pruneUnknown(object),
    };
    this.deprecation = deprecationOf(definition.definition.spec, version);
    this.store = this.#openStore();
  }

  /** The resource or a subresource; undefined if the version doesn't have it. */
  resource(subresource: string, terminating: boolean): InstalledResource | undefined {
    let part = this.#parts.get(subresource);
    if (part === undefined) {
      part = this.#part(subresource);
      if (part === undefined) return undefined;
      this.#parts.set(subresource, part);
    }
    const { scope, storage } = part;
    return {
      scope: terminating ? { ...scope, admission: forbidCreation(scope.admission) } : scope,
      storage,
      deprecation: this.deprecation,
    };
  }

  /** `make` must not refer to the control plane. */
  #shared<V>(name: string, make: () => V): V {
    return this.#definition.schemas.shared(`${this.#version.name} ${name}`, make);
  }

  #openStore(): CustomResourceStore {
    const { dependencies, converter, form, lifetime, settled, storage, storageVersion, groupResource } =
      this.#definition;
    const versioned = new VersionedStorage({
      storage,
      form,
      converter,
      apiVersion: formatGroupVersion(this.#kind),
      storageApiVersion: formatGroupVersion({ group: this.#kind.group, version: storageVersion }),
      settled,
      lifetime,
      fieldsOf: (object) => this.#fields.read(object),
    });
    return new CustomResourceStore({
      config: dependencies.storage,
      resource: groupResource,
      storageVersion: this.#kind,
      strategy: this.#sharedStrategy(),
      custom: { storage: versioned, codec: customResourceCodec },
    });
  }

  #sharedStrategy(): RESTStrategy<UnstructuredObject> {
    const options = this.#strategy;
    return this.#shared(`strategy ${options.namespaced}`, () => customResourceStrategy(options));
  }

  #part(subresource: string): Part | undefined {
    const { scale, status } = this.#version.subresources ?? {};
    switch (subresource) {
      case '':
        return { subresource, storage: this.store, scope: this.#scope('', this.store.strategy) };
      case 'status': {
        if (!status) return undefined;
        const strategy = customResourceStatusStrategy(this.#strategy, this.#statusVersions());
        const storage = new StrategyStore(this.store, strategy);
        return { subresource, storage, scope: this.#scope(subresource, strategy) };
      }
      case 'scale': {
        if (!scale) return undefined;
        const storage = new CustomResourceScale({
          store: this.store,
          paths: scale,
          replicasPaths: this.#replicasPaths(),
        });
        return { subresource, storage, scope: this.#scaleScope(scale) };
      }
      default:
        return undefined;
    }
  }

  #statusVersions(): string[] {
    return versionsOf(this.#definition.definition.spec)
      .filter(({ subresources }) => subresources?.status)
      .map(({ name }) => name);
  }

  #scope(subresource: string, { resetFields }: RESTStrategy<UnstructuredObject>): RequestScope {
    const { dependencies, converter, form, names, namespaced, schemas } = this.#definition;
    const { codecs } = schemas;
    const { admission, authorizer, minRequestTimeoutSeconds } = dependencies.scope;
    const fieldManager = this.#fieldManager(subresource, resetFields);
    const columns = this.#version.additionalPrinterColumns ?? [];
    const table = this.#shared('table', () => customResourceTableConvertor(columns));
    return {
      codecs,
      convertor: new CustomResourceConvertor(this.#kind, form, this.#fields),
      resource: this.#definition.resource(this.#version.name),
      subresource,
      kind: this.#kind,
      namespaced,
      admission,
      objects: customResourceInterfaces({
        kind: this.#kind,
        form,
        converter,
        equivalents: (part) => this.#definition.equivalents(part),
      }),
      authorizer,
      hasTables: true,
      tableConvertor: () => table,
      fieldManager,
      patchTypes: fieldManager === undefined ? PATCH_TYPES : [...PATCH_TYPES, APPLY_PATCH],
      custom: { listKind: names.listKind || `${names.kind}List` },
      minRequestTimeoutSeconds,
    };
  }

  /** Scales are built-in objects, regardless of their parent. */
  #scaleScope({ specReplicasPath, statusReplicasPath }: CustomResourceSubresourceScale): RequestScope {
    const { admission, authorizer, codecs, defaulter, minRequestTimeoutSeconds, scheme } =
      this.#definition.dependencies.scope;
    const resource = this.#definition.resource(this.#version.name);
    const fieldManager = this.#scaleFieldManager();
    const table = customResourceTableConvertor([
      ...(specReplicasPath ? [DESIRED] : []),
      ...(statusReplicasPath ? [AVAILABLE] : []),
      AGE,
    ]);
    return {
      codecs,
      convertor: new SchemeConvertor({ scheme, defaulter, kind: SCALE, resource: resource.resource }),
      resource,
      subresource: 'scale',
      kind: SCALE,
      namespaced: this.#definition.namespaced,
      admission,
      objects: schemeObjectInterfaces(scheme, (_resource, part) => this.#definition.equivalents(part)),
      authorizer,
      hasTables: true,
      tableConvertor: () => table,
      fieldManager,
      patchTypes: fieldManager === undefined ? PATCH_TYPES : [...PATCH_TYPES, APPLY_PATCH],
      minRequestTimeoutSeconds,
    };
  }

  #fieldManager(
    subresource: string,
    resetFields: RESTStrategy<UnstructuredObject>['resetFields'],
  ): FieldManager | undefined {
    const { dependencies, form, schemas, converter } = this.#definition;
    const { types } = schemas;
    if (!dependencies.scope.serverSideApply) return undefined;
    const kind = this.#kind;
    const make = () => customResourceFieldManager({ kind, subresource, types, form, converter, resetFields });
    return converter === nopConverter ? this.#shared(`field manager ${subresource}`, make) : make();
  }

  #scaleFieldManager(): FieldManager | undefined {
    const { codecs, defaulter, scheme, serverSideApply } = this.#definition.dependencies.scope;
    if (!serverSideApply) return undefined;
    const { serializer } = codecs.json;
    return schemeFieldManager({ scheme, defaulter, serializer, kind: SCALE, subresource: 'scale' });
  }

  #replicasPaths(): ReplicasPaths {
    const { spec } = this.#definition.definition;
    return new Map(
      versionsOf(spec).map(({ name: version, subresources }) => {
        const path = subresources?.scale?.specReplicasPath;
        return [
          formatGroupVersion({ group: spec.group, version }),
          path === undefined ? undefined : namesOf(path),
        ];
      }),
    );
  }
}

const DESIRED = {
  name: 'Desired',
  type: 'integer',
  description: 'Number of desired replicas',
  jsonPath: '.spec.replicas',
};
const AVAILABLE = {
  name: 'Available',
  type: 'integer',
  description: 'Number of actual replicas',
  jsonPath: '.status.replicas',
};

/** Instances of a terminating definition can be deleted but not created. */
function forbidCreation(admission: AdmissionChain): AdmissionChain {
  const refuse: AdmissionChain['admit'] = async ({ operation, resource, name }) => {
    if (operation !== 'CREATE') return;
    throw newForbidden(resource, name, 'create not allowed while custom resource definition is terminating');
  };
  return {
    handles: (operation) => operation === 'CREATE' || admission.handles(operation),
    async admit(attributes, context) {
      await refuse(attributes, context);
      await admission.admit(attributes, context);
    },
    async validate(attributes, context) {
      await refuse(attributes, context);
      await admission.validate(attributes, context);
    },
    close: () => admission.close(),
  };
}

function* compileValidator(
  definition: CompiledDefinition,
  { name, schema, subresources }: CustomResourceDefinitionVersion,
): Pieces<CustomResourceValidator> {
  const { form, tools, schemas } = definition;
  const known = schemas.ofVersions.get(name);
  if (known !== undefined) return known;
  const { validators } = schemas;
  const compile = (props: JSONSchemaProps) =>
    validators.get(props) ?? new SchemaValidator(props, tools.regexp, validators);
  const root = schema?.openAPIV3Schema;
  const status = root && propertyOf(root, 'status');
  const structural = form.schema(name);
  const compiled = root && compile(root);
  yield;
  const validator = new CustomResourceValidator({
    kind: definition.kind(name),
    structural,
    schema: compiled,
    status: status && compile(status),
    rules:
      root &&
      structural &&
      tools.rules &&
      (yield* tools.rules.compileRuleValidator(root, { isResourceRoot: true })),
    scale: subresources?.scale,
    objectMeta: tools.objectMeta,
  });
  schemas.ofVersions.set(name, validator);
  return validator;
}
