/**
 * Upstream's internal types (pkg/apis of k8s.io/kubernetes), whose values appear in messages: the JSON names of their
 * fields, in Go's order, with the names in a version.
 */

import type { InternalField, InternalForms } from '../../shared/apis/internal-form.ts';
import type { GoField, GoType } from './go-types.ts';
import type { PackageReader } from './package-reader.ts';
import type { Report } from './report.ts';

const INTERNAL = 'k8s.io/kubernetes/pkg/apis/';

/** Types whose values appear in messages, and the packages of their versioned forms. */
const ROOTS: readonly (readonly [type: string, version: string])[] = [
  ['core.PodSpec', 'core/v1'],
  ['core.EphemeralContainer', 'core/v1'],
  ['core.EventSource', 'core/v1'],
  ['core.PersistentVolumeSource', 'core/v1'],
  ['core.VolumeNodeAffinity', 'core/v1'],
  ['core.PersistentVolumeClaim', 'core/v1'],
  ['core.PodTemplateSpec', 'core/v1'],
  ['batch.JobSpec', 'batch/v1'],
  ['flowcontrol.FlowSchemaSpec', 'flowcontrol/v1'],
  ['flowcontrol.PriorityLevelConfigurationSpec', 'flowcontrol/v1'],
  ['certificates.CertificateSigningRequestCondition', 'certificates/v1'],
  ['lifecycle.ResponderStatus', 'lifecycle/v1alpha1'],
  ['lifecycle.TargetResponder', 'lifecycle/v1alpha1'],
  ['scheduling.CompositePodGroupTemplate', 'scheduling/v1beta1'],
  ['resource.ResourceClaimTemplateSpec', 'resource/v1'],
  ['resource.AllocationResult', 'resource/v1'],
  ['resource.ResourcePoolStatusRequestStatus', 'resource/v1alpha3'],
];

const ZEROS: Readonly<Record<string, unknown>> = {
  string: '',
  bool: false,
  int: 0,
  int32: 0,
  int64: 0,
  uint32: 0,
  'k8s.io/apimachinery/pkg/api/resource.Quantity': '0',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 0,
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': null,
  'k8s.io/apimachinery/pkg/runtime.RawExtension': null,
};

export class InternalFormsImporter {
  readonly #reader: PackageReader;
  readonly #forms: Record<string, readonly InternalField[]> = {};

  constructor(reader: PackageReader) {
    this.#reader = reader;
  }

  /** A type that the release doesn't have is left out and reported. */
  import(report: Report): InternalForms {
    for (const [type, version] of ROOTS) {
      if (this.#internal(type)?.kind === 'struct') this.#add(type, version);
      else report.add('internal forms: gone', type);
    }
    return Object.fromEntries(Object.entries(this.#forms).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #internal(type: string): GoType | undefined {
    const [group, name] = type.split('.') as [string, string];
    return this.#reader.declared(name, INTERNAL + group);
  }

  #add(type: string, version: string): void {
    if (this.#forms[type] !== undefined) return;
    const [group, name] = type.split('.') as [string, string];
    const struct = this.#internal(type);
    if (struct?.kind !== 'struct') throw new Error(`${type} is not an internal struct`);
    this.#forms[type] = [];
    const versioned = this.#reader.declared(name, `k8s.io/api/${version}`);
    const names = new Map(
      versioned?.kind === 'struct'
        ? versioned.fields.map((field) => [fieldName(field), (field.tags['json'] ?? '').split(',')[0]!])
        : [],
    );
    this.#forms[type] = struct.fields.flatMap((field) => this.#field(field, { group, version, names }));
  }

  #field(
    field: GoField,
    { group, version, names }: { group: string; version: string; names: ReadonlyMap<string, string> },
  ): InternalField[] {
    const name = fieldName(field);
    if (name === 'TypeMeta') return [];
    const own = names.get(name) ?? `${name[0]!.toLowerCase()}${name.slice(1)}`;
    const shown = field.name === '' ? '' : (field.tags['json'] ?? '').split(',')[0] || name;
    return [[shown, own, this.#holds(field.type, group, version)]];
  }

  /**
   * `{ struct }`, `{ pointer }`, `{ list }` and `{ map }` of a type ('' for values printed unchanged); otherwise the
   * zero value.
   */
  #holds(text: string, group: string, version: string): InternalField[2] {
    const named = this.#reader.locate(text, INTERNAL + group);
    const type = this.#reader.declared(named.name, named.path);
    if (type?.kind === 'named' && type.of.startsWith('map[')) return { map: '' };
    const container = /^(\*|\[\]|map\[[\w.]+\])(.*)$/.exec(text);
    const element = container?.[2] ?? text;
    const of = this.#structOf(element, group, version);
    if (container === null) return of === undefined ? this.#zero(element, group) : { struct: of };
    if (of === undefined) return container[1]!.startsWith('map') ? { map: '' } : null;
    return container[1] === '*' ? { pointer: of } : container[1] === '[]' ? { list: of } : { map: of };
  }

  /** The internal struct with that name; undefined: there is none, or its values are printed unchanged. */
  #structOf(text: string, group: string, version: string): string | undefined {
    const at = this.#reader.locate(text, INTERNAL + group);
    if (!at.path.startsWith(INTERNAL)) return undefined;
    const type = this.#reader.declared(at.name, at.path);
    if (type?.kind !== 'struct') return undefined;
    const itsGroup = at.path.slice(INTERNAL.length);
    const name = `${itsGroup}.${at.name}`;
    this.#add(name, itsGroup === group ? version : `${itsGroup}/v1`);
    return name;
  }

  #zero(text: string, group: string): unknown {
    const at = this.#reader.locate(text, INTERNAL + group);
    const whole = text.includes('.') ? `${at.path}.${at.name}` : at.name;
    if (whole in ZEROS) return ZEROS[whole];
    const type = this.#reader.declared(at.name, at.path);
    if (type === undefined) return null;
    if (type.kind === 'struct') return {};
    return /^[[m*]/.test(type.of) ? null : (ZEROS[type.of] ?? '');
  }
}

/** An embedded struct has its type's name. */
const fieldName = ({ name, type }: GoField): string => name || type.replace(/^\*/, '').split('.').at(-1)!;
