/** Metadata in upstream's internal form, in which some annotations are fields. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { ObjectMeta } from '../meta/v1/types.ts';
import { formatGroupKind, parseGroupVersion } from '../runtime/group-version.ts';
import { TEMPLATE_GENERATION } from './apps/template-generation.ts';

/** Annotations that are fields in the internal form, by kind. */
const FIELDS_AS_ANNOTATIONS: Partial<Record<string, readonly string[]>> = {
  'DaemonSet.apps': [TEMPLATE_GENERATION],
};

export function internalMetadata({ kind = '', apiVersion = '', metadata }: KubeObject): ObjectMeta {
  const group = parseGroupVersion(apiVersion)?.group ?? '';
  const names = FIELDS_AS_ANNOTATIONS[formatGroupKind({ group, kind })];
  if (names === undefined || !metadata.annotations) return metadata;
  const shown = Object.entries(metadata.annotations).filter(([name]) => !names.includes(name));
  const { annotations: _, ...rest } = metadata;
  return shown.length === 0 ? rest : { ...metadata, annotations: Object.fromEntries(shown) };
}
