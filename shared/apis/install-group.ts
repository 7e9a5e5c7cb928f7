/** Registers an API group's kinds from the type tables; each group's install.ts describes one. */

import { formatGroupVersion, type GroupVersion } from '../runtime/group-version.ts';
import type { ConversionFunction, DefaultingFunction, RuntimeObject, Scheme } from '../runtime/scheme.ts';
import type { ReadText } from '../runtime/text-tables.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Kinds that apimachinery registers in every group version (`metav1.AddToGroupVersion`). */
const EVERYWHERE = [
  'WatchEvent',
  'ListOptions',
  'GetOptions',
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
];

/** Where one version of a kind differs from the group's hub form. */
interface KindInstall {
  readonly toInternal?: ConversionFunction;
  readonly fromInternal?: ConversionFunction;
  readonly defaults?: DefaultingFunction;
  /** Group of the hub form, when another group's kind is the hub. */
  readonly internalGroup?: string;
}

/** One version of a group. */
interface APIVersion {
  /** Reads its table of types. */
  readonly types: ReadText;
  /** Reads its table of static defaults. */
  readonly defaults?: ReadText;
  /** Among the versions of the group, in discovery; kube-apiserver's. */
  readonly priority?: number;
  /** By kind, where it differs from the hub. A kind's List converts with it. */
  readonly kinds?: Readonly<Record<string, KindInstall>>;
}

/** All that is installed of a group. */
export interface APIGroup {
  readonly group: string;
  /** The definitions' prefix without the version: `io.k8s.api.apps`. */
  readonly definitions: string;
  /** Among groups, in discovery; kube-apiserver's. Absent: it is not served, or stands first. */
  readonly priority?: number;
  /** Most preferred first. */
  readonly versions: Readonly<Record<string, APIVersion>>;
  /** Defaults of its types wherever groups use them. */
  readonly typeDefaults?: () => Iterable<readonly [definition: string, defaults: DefaultingFunction]>;
}

type Convert = (object: RuntimeObject) => RuntimeObject;

function convertItems(convert: ConversionFunction | undefined): ConversionFunction | undefined {
  if (convert === undefined) return undefined;
  return (list: RuntimeObject & { items?: RuntimeObject[] | null }) => {
    if (list.items) list.items = list.items.map(convert as Convert);
    return list;
  };
}

function installFor(kind: string, kinds: Readonly<Record<string, KindInstall>>): KindInstall {
  if (Object.hasOwn(kinds, kind)) return kinds[kind]!;
  const element = kind.endsWith('List') ? kind.slice(0, -'List'.length) : kind;
  if (!Object.hasOwn(kinds, element)) return {};
  const { toInternal, fromInternal, internalGroup } = kinds[element]!;
  const items = { toInternal: convertItems(toInternal), fromInternal: convertItems(fromInternal) };
  return {
    ...(items.toInternal && { toInternal: items.toInternal }),
    ...(items.fromInternal && { fromInternal: items.fromInternal }),
    ...(internalGroup !== undefined && { internalGroup }),
  };
}

function installVersion(
  scheme: Scheme,
  gv: GroupVersion,
  prefix: string,
  kinds: Readonly<Record<string, KindInstall>>,
): void {
  const own = new Set<string>();
  for (const [definition, { gvk }] of Object.entries(scheme.tables.table(prefix))) {
    const kind = definition.slice(definition.lastIndexOf('.') + 1);
    if (gvk !== `${formatGroupVersion(gv)}/${kind}`) continue;
    own.add(kind);
    scheme.addKnownType({ gvk: { ...gv, kind }, definition, ...installFor(kind, kinds) });
  }
  for (const kind of Object.keys(kinds)) {
    if (!own.has(kind)) throw new Error(`${formatGroupVersion(gv)} has no kind ${kind}`);
  }
  for (const kind of EVERYWHERE) {
    scheme.addKnownType({ gvk: { ...gv, kind }, definition: `${META}.${kind}` });
  }
}

/** Registers every kind of the group's versions, and apimachinery's in each of them, when one of a version is asked for. */
export function installGroup(scheme: Scheme, { group, definitions, versions, typeDefaults }: APIGroup): void {
  for (const [version, { kinds = {} }] of Object.entries(versions)) {
    const gv = { group, version };
    scheme.addVersion(gv, () => installVersion(scheme, gv, `${definitions}.${version}`, kinds));
  }
  scheme.setVersionPriority(group, Object.keys(versions));
  for (const [definition, defaults] of typeDefaults?.() ?? []) scheme.addTypeDefaults(definition, defaults);
}
