/** Registers the kinds of an API group from the type tables. Each group's install.ts describes one group. */

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

/** Differences of one version of a kind from the group's hub form. */
interface KindInstall {
  readonly toInternal?: ConversionFunction;
  readonly fromInternal?: ConversionFunction;
  readonly defaults?: DefaultingFunction;
  /** The group of the hub form, if the hub is another group's kind. */
  readonly internalGroup?: string;
}

/** One version of a group. */
interface APIVersion {
  /** Reads the table of types. */
  readonly types: ReadText;
  /** Reads the table of static defaults. */
  readonly defaults?: ReadText;
  /** kube-apiserver's priority among the group's versions in discovery. */
  readonly priority?: number;
  /** Keyed by kind; only those that differ from the hub. A kind's List converts with it. */
  readonly kinds?: Readonly<Record<string, KindInstall>>;
}

/** Everything installed for a group. */
export interface APIGroup {
  readonly group: string;
  /** The prefix of definitions, without the version: `io.k8s.api.apps`. */
  readonly definitions: string;
  /** kube-apiserver's priority among groups in discovery. Absent if the group isn't served, or comes first. */
  readonly priority?: number;
  /** Most preferred first. */
  readonly versions: Readonly<Record<string, APIVersion>>;
  /** Defaults of its types for all groups that use them. */
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

/**
 * Registers all kinds of the group's versions, and apimachinery's in each version, when a kind of the version is first
 * used.
 */
export function installGroup(scheme: Scheme, { group, definitions, versions, typeDefaults }: APIGroup): void {
  for (const [version, { kinds = {} }] of Object.entries(versions)) {
    const gv = { group, version };
    scheme.addVersion(gv, () => installVersion(scheme, gv, `${definitions}.${version}`, kinds));
  }
  scheme.setVersionPriority(group, Object.keys(versions));
  for (const [definition, defaults] of typeDefaults?.() ?? []) scheme.addTypeDefaults(definition, defaults);
}
