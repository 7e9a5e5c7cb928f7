import { formatGroupVersion } from '../group-version.ts';
import type { Scheme } from '../scheme.ts';
import type { KindSchemas } from './serializer.ts';

/** Tables of the kinds that every server returns, regardless of its groups: Status, Table, APIGroupList, ... */
const META_TABLES = ['io.k8s.apimachinery.pkg.apis.meta.v1', 'io.k8s.apimachinery.pkg.apis.meta.v1beta1'];

/** The kinds of a scheme, and apimachinery's own. */
export function schemeKinds(scheme: Scheme): KindSchemas {
  let metaKinds: ReadonlyMap<string, string> | undefined;
  return (gvk) => {
    if (!scheme.recognizes(gvk)) {
      metaKinds ??= findMetaKinds(scheme);
      const definition = metaKinds.get(`${formatGroupVersion(gvk)}/${gvk.kind}`);
      if (definition !== undefined) return scheme.tables.schema(definition);
    }
    return scheme.schema(gvk);
  };
}

function findMetaKinds({ tables }: Scheme): Map<string, string> {
  const kinds = META_TABLES.flatMap((prefix) => Object.entries(tables.table(prefix)));
  return new Map(kinds.flatMap(([definition, { gvk }]) => (gvk === undefined ? [] : [[gvk, definition]])));
}
