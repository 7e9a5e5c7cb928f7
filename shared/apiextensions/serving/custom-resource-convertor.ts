/** Convertors of one version of a custom resource, for requests and for admission. */

import type { EquivalentResource, ObjectInterfaces } from '../../admission/admission.ts';
import type { ObjectConvertor } from '../../endpoints/codec/object-convertor.ts';
import { asUnstructured, type KubeObject } from '../../meta/kube-object.ts';
import { StatusError } from '../../meta/status-error.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { CustomResourceConverter } from '../conversion/converter.ts';
import type { CustomResourceFields } from '../registry/customresource/selectable-fields.ts';
import type { ResourceForm } from './resource-form.ts';

/** The internal form is the version of the request, so there is nothing to convert. */
export class CustomResourceConvertor implements ObjectConvertor {
  readonly #kind: GroupVersionKind;
  readonly #form: ResourceForm;
  readonly #fields: CustomResourceFields;

  constructor(kind: GroupVersionKind, form: ResourceForm, fields: CustomResourceFields) {
    this.#kind = kind;
    this.#form = form;
    this.#fields = fields;
  }

  newObject(): KubeObject {
    return { kind: this.#kind.kind, apiVersion: formatGroupVersion(this.#kind), metadata: {} };
  }

  toInternal(object: RuntimeObject): KubeObject {
    const resource = asUnstructured(object);
    resource.metadata ??= {};
    this.#form.setDefaults(resource);
    return resource;
  }

  fromInternal(objects: readonly KubeObject[]): readonly RuntimeObject[] {
    return objects;
  }

  schema(): undefined {
    return undefined;
  }

  convertFieldLabel(label: string): string {
    return this.#fields.convertLabel(label);
  }
}

export interface CustomResourceInterfacesOptions {
  /** The kind in the served version. */
  readonly kind: GroupVersionKind;
  readonly form: ResourceForm;
  readonly converter: CustomResourceConverter;
  readonly equivalents: (subresource: string) => readonly EquivalentResource[];
}

export function customResourceInterfaces({
  kind,
  form,
  converter,
  equivalents,
}: CustomResourceInterfacesOptions): ObjectInterfaces {
  const convert = async (object: KubeObject, apiVersion: string): Promise<KubeObject> => {
    try {
      return (await converter.convert([asUnstructured(object)], apiVersion))[0]!;
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw new StatusError({ code: 500, message: (error as Error).message }, error);
    }
  };
  return {
    toVersion: async (object, target) => convert(await deepCopyInPieces(object), formatGroupVersion(target)),
    async fromVersion(object) {
      const resource = asUnstructured(object);
      form.setDefaults(resource);
      return convert(resource, formatGroupVersion(kind));
    },
    equivalents: (_resource, subresource) => equivalents(subresource),
  };
}
