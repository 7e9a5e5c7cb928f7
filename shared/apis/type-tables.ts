/** All type tables, each read when one of its types is first used. */

import metaV1 from '../meta/v1/types.json?text';
import metaV1beta1 from '../meta/v1beta1/types.json?text';
import type { HiddenFields } from '../runtime/hidden-fields.ts';
import { TypeTables } from '../runtime/type-tables.ts';
import { GROUPS } from './groups.ts';

/** The tables of all built-in API types, including apimachinery's. */
export function builtinTypeTables(hidden?: HiddenFields): TypeTables {
  return new TypeTables(
    new Map([
      ...GROUPS.flatMap(({ definitions, versions }) =>
        Object.entries(versions).map(([version, { types }]) => [`${definitions}.${version}`, types] as const),
      ),
      ['io.k8s.apimachinery.pkg.api.resource', metaV1],
      ['io.k8s.apimachinery.pkg.apis.meta.v1', metaV1],
      ['io.k8s.apimachinery.pkg.runtime', metaV1],
      ['io.k8s.apimachinery.pkg.util.intstr', metaV1],
      ['io.k8s.apimachinery.pkg.version', metaV1],
      ['io.k8s.apimachinery.pkg.apis.meta.v1beta1', metaV1beta1],
    ]),
    hidden,
  );
}
