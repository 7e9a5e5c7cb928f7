import type { ObjectMeta } from './v1/types.ts';

const sorted = (map: Readonly<Record<string, string>> | undefined) =>
  map && Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Metadata in Go's order, for texts that show it: fields in the order of the struct, maps sorted by key. */
export function metadataInOrder(metadata: ObjectMeta): ObjectMeta {
  const { name, generateName, namespace, uid, resourceVersion, generation, ...rest } = metadata;
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, ...others } = rest;
  const { labels, annotations, ownerReferences, finalizers, managedFields } = others;
  const ordered = {
    name,
    generateName,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    labels: sorted(labels),
    annotations: sorted(annotations),
    ownerReferences,
    finalizers,
    managedFields,
  };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== undefined));
}
