/** Field manager of custom resources (upstream's `NewDefaultCRDFieldManager`). */

import { asUnstructured } from '../../meta/kube-object.ts';
import { FieldManager } from '../../meta/managedfields/field-manager.ts';
import { VersionConversionError } from '../../meta/managedfields/updater.ts';
import {
  formatGroupVersion,
  formatGroupVersionKind,
  type GroupVersionKind,
  parseGroupVersion,
} from '../../runtime/group-version.ts';
import type { StructSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { CustomResourceConverter } from '../conversion/converter.ts';
import { typeSchemaOf } from '../schema/type-schema.ts';
import type { ResourceForm } from './resource-form.ts';

/** The types of a definition's versions, each created on first use. */
export class ResourceTypes {
  readonly #group: string;
  readonly #kind: string;
  readonly #versions: readonly string[];
  readonly #form: ResourceForm;
  readonly #objectMeta: TypeSchema;
  readonly #types = new Map<string, StructSchema>();

  constructor(options: {
    readonly group: string;
    readonly kind: string;
    readonly versions: readonly string[];
    readonly form: ResourceForm;
    readonly objectMeta: TypeSchema;
  }) {
    this.#group = options.group;
    this.#kind = options.kind;
    this.#versions = options.versions;
    this.#form = options.form;
    this.#objectMeta = options.objectMeta;
  }

  /** Undefined for a version that the definition doesn't have. */
  type(apiVersion: string): StructSchema | undefined {
    const gv = parseGroupVersion(apiVersion);
    if (gv?.group !== this.#group || !this.#versions.includes(gv.version)) return undefined;
    let type = this.#types.get(gv.version);
    if (type === undefined) {
      const name = `${this.#group.split('.').reverse().join('.')}.${gv.version}.${this.#kind}`;
      type = typeSchemaOf(name, this.#form.schema(gv.version), { objectMeta: this.#objectMeta });
      this.#types.set(gv.version, type);
    }
    return type;
  }
}

export interface CustomResourceFieldManagerOptions {
  readonly kind: GroupVersionKind;
  readonly subresource: string;
  readonly types: ResourceTypes;
  readonly form: ResourceForm;
  readonly converter: CustomResourceConverter;
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>> | undefined;
}

/**
 * Entries in a version removed from the definition are kept, unlike for built-in resources: their managers keep the
 * fields, and applies fail until the entries are removed (upstream's `crConverter`).
 */
function throwMissing(apiVersion: string, kind: GroupVersionKind): never {
  const why =
    parseGroupVersion(apiVersion)?.group === kind.group
      ? `request to convert CR to an invalid group/version: ${apiVersion}`
      : `${formatGroupVersionKind(kind)} is unstructured and is not suitable for converting to ${JSON.stringify(apiVersion)}`;
  throw new VersionConversionError(undefined, new Error(why));
}

export function customResourceFieldManager(options: CustomResourceFieldManagerOptions): FieldManager {
  const { kind, subresource, types, form, converter, resetFields } = options;
  return new FieldManager({
    kind,
    subresource,
    resetFields,
    schemaFor: (apiVersion) => types.type(apiVersion) ?? throwMissing(apiVersion, kind),
    convert: (object, apiVersion = formatGroupVersion(kind)) => ({ ...object, apiVersion }),
    ...(converter.remote && {
      async convertRemotely(object, apiVersion) {
        const [converted] = await converter.convert(
          [asUnstructured(await deepCopyInPieces(object))],
          apiVersion,
        );
        return converted!;
      },
    }),
    async finish(object) {
      const whole = await deepCopyInPieces(object);
      // Nulls without a default stay and are rejected by validation, because the result of a merge isn't decoded.
      await inPieces(form.coerceMetadata(asUnstructured(whole)));
      form.setDefaults(asUnstructured(whole));
      return whole;
    },
    newObject: () => ({ kind: kind.kind, apiVersion: formatGroupVersion(kind), metadata: {} }),
  });
}
